import type { Transaction } from "#lib/database";
import { type ListQuery, pageOf } from "#lib/pagination";
import { sql } from "#lib/sql";
import { uuid7 } from "#lib/uuid7";

export interface SdkKey {
  id: string;
  name: string;
  prefix: string;
  createdAt: string;
}

interface NewSdkKey {
  accountId: string;
  name: string;
  prefix: string;
  keyHash: string;
}

export async function add(tx: Transaction, key: NewSdkKey): Promise<SdkKey> {
  const [added] = await tx.query<SdkKey>(sql`
    INSERT INTO sdk_keys (id, account_id, name, prefix, key_hash)
    VALUES (${uuid7()}, ${key.accountId}, ${key.name}, ${key.prefix}, ${key.keyHash})
    RETURNING id, name, prefix, created_at AS "createdAt"`);
  if (added === undefined) throw new Error("the row was not written");
  return added;
}

export async function list(tx: Transaction, query: ListQuery) {
  return pageOf(query, async (after, limit) => {
    const older =
      after === null
        ? sql``
        : sql`WHERE (created_at, id) < (${after.createdAt}::timestamptz, ${after.id}::uuid)`;
    return tx.query<SdkKey>(sql`
      SELECT id, name, prefix, created_at AS "createdAt"
      FROM sdk_keys ${older} ORDER BY created_at DESC, id DESC LIMIT ${limit}`);
  });
}

export async function remove(tx: Transaction, id: string): Promise<boolean> {
  const rows = await tx.query(sql`DELETE FROM sdk_keys WHERE id = ${id} RETURNING id`);
  return rows.length > 0;
}
