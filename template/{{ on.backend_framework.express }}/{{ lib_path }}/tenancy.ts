// Binds a transaction to its caller's account: one statement finds it and sets the policies.
import type { Transaction } from "#lib/database";
import { BadRequest, Forbidden, Unauthorized } from "#lib/errors";
import { sql } from "#lib/sql";

/** Who calls, and in which account. */
export interface Principal {
  readonly accountId: string;
  /** Null for an SDK key. */
  readonly userId: string | null;
  readonly role: "owner" | "member" | null;
  /** Whether the account has webhook endpoints: most have none, and then an event needs no statement. */
  readonly hasEndpoints: boolean;
}

interface UserRow {
  account_id: string | null;
  role: "owner" | "member" | null;
  memberships: number;
  has_endpoints: boolean;
}

interface KeyRow {
  id: string;
  account_id: string;
  has_endpoints: boolean;
}

/**
 * Binds the transaction to the account that the user acts in.
 *
 * Throws Unauthorized when the user is gone, and Forbidden or BadRequest when the account is not the
 * user's or is not named although there are several.
 */
export async function enterAsUser(
  tx: Transaction,
  userId: string,
  accountId: string | null,
): Promise<Principal> {
  const [row] = await tx.query<UserRow>(
    sql`SELECT * FROM app.enter_as_user(${userId}, ${accountId})`,
  );
  if (row === undefined) throw new Unauthorized("The credentials are not valid");
  if (row.account_id === null) {
    if (accountId === null && row.memberships > 1) {
      throw new BadRequest("Several accounts: name one in X-Account-Id");
    }
    throw new Forbidden("Not a member of this account");
  }
  return {
    accountId: row.account_id,
    userId,
    role: row.role,
    hasEndpoints: row.has_endpoints,
  };
}

/** Binds the transaction to the account of an SDK key. */
export async function enterWithSdkKey(
  tx: Transaction,
  keyHash: string,
): Promise<{ keyId: string; principal: Principal } | undefined> {
  const [row] = await tx.query<KeyRow>(sql`SELECT * FROM app.enter_with_sdk_key(${keyHash})`);
  if (row === undefined) return undefined;
  const { account_id: accountId, has_endpoints: hasEndpoints } = row;
  return { keyId: row.id, principal: { accountId, userId: null, role: null, hasEndpoints } };
}
