// `Idempotency-Key`: the first answer of a request, given again to its repetitions for 24 hours.
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";

import type { Transaction } from "#lib/database";
import { BadRequest, Conflict } from "#lib/errors";
import { Reply } from "#lib/responses";
import { sql } from "#lib/sql";
import type { Principal } from "#lib/tenancy";

const VISIBLE_ASCII = /^[!-~]{1,255}$/;

export function readIdempotencyKey({ headers }: IncomingMessage): string | undefined {
  const key = headers["idempotency-key"];
  if (key === undefined || (typeof key === "string" && VISIBLE_ASCII.test(key))) return key;
  const message = "Write 1 to 255 visible ASCII characters";
  throw new BadRequest(undefined, [{ path: "Idempotency-Key", message }]);
}

interface Scope {
  readonly tx: Transaction;
  readonly caller: Principal;
  readonly body: unknown;
}

/**
 * Acts, or repeats the answer that the same key got before. Key, row and answer are one
 * transaction: a crash leaves all of them or none.
 */
export async function runOnce(
  { tx, caller: { accountId }, body }: Scope,
  { route, key }: { route: string; key: string },
  act: () => Promise<Reply>,
): Promise<Reply> {
  const bodyHash = createHash("sha256").update(canonical(body)).digest("hex");
  // It waits while another transaction holds the same key, and goes on once that has ended.
  const claimed = await tx.query(sql`
    INSERT INTO idempotency_keys AS mine (account_id, route, key, body_hash)
    VALUES (${accountId}, ${route}, ${key}, ${bodyHash})
    ON CONFLICT (account_id, route, key) DO UPDATE
    SET body_hash = excluded.body_hash, response = NULL, created_at = now()
    WHERE mine.created_at < now() - interval '24 hours'
    RETURNING true`);
  if (claimed.length === 0) return recall(tx, { accountId, route, key, bodyHash });
  const reply = await act();
  await tx.query(sql`
    UPDATE idempotency_keys SET response = ${JSON.stringify(reply.body)}
    WHERE account_id = ${accountId} AND route = ${route} AND key = ${key}`);
  return reply;
}

async function recall(
  tx: Transaction,
  given: { accountId: string; route: string; key: string; bodyHash: string },
): Promise<Reply> {
  const [first] = await tx.query<{ body_hash: string; response: string }>(sql`
    SELECT body_hash, response FROM idempotency_keys
    WHERE account_id = ${given.accountId} AND route = ${given.route} AND key = ${given.key}`);
  if (first?.body_hash !== given.bodyHash) {
    throw new Conflict("The idempotency key was used with another body");
  }
  return new Reply(201, JSON.parse(first.response), { "Idempotent-Replay": "true" });
}

/** The same text for the same value, whatever the order of its keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
