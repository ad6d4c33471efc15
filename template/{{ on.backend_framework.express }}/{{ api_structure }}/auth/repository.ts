// Credentials live outside every tenant: only these functions of the database reach them.
import type { Transaction } from "#lib/database";
import { sql } from "#lib/sql";

interface StoredLogin {
  id: string;
  passwordHash: string | null;
}

export async function findLogin(tx: Transaction, email: string): Promise<StoredLogin | undefined> {
  const [login] = await tx.query<StoredLogin>(sql`
    SELECT id, password_hash AS "passwordHash" FROM app.find_login(${email})`);
  return login;
}

export async function storeRefreshToken(
  tx: Transaction,
  userId: string,
  tokenHash: string,
  seconds: number,
): Promise<void> {
  await tx.query(sql`SELECT app.store_refresh_token(${userId}, ${tokenHash}, ${seconds})`);
}

/** Swaps a token for its successor; null when it cannot be used (its family may be revoked). */
export async function rotateRefreshToken(
  tx: Transaction,
  tokenHash: string,
  nextHash: string,
  seconds: number,
): Promise<string | null> {
  const [row] = await tx.query<{ user: string | null }>(sql`
    SELECT app.rotate_refresh_token(${tokenHash}, ${nextHash}, ${seconds}) AS user`);
  return row?.user ?? null;
}
