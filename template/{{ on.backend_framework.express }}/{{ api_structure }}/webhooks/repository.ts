import { randomUUID } from "node:crypto";

import type {
  ClaimedDelivery,
  DeliveryStatus,
  WebhookDelivery,
  WebhookEndpoint,
} from "#app/webhooks/models";
import type { Database, Transaction } from "#lib/database";
import type { Position } from "#lib/pagination";
import { type Sql, sql } from "#lib/sql";
import { uuid7 } from "#lib/uuid7";

export interface NewEndpoint {
  url: string;
  eventTypes: readonly string[];
  secret: string;
}

const endpointColumns = sql`
  id, url, event_types AS "eventTypes", disabled_at AS "disabledAt", created_at AS "createdAt"`;

const deliveryColumns = sql`
  id, endpoint_id AS "endpointId", event_type AS "eventType", webhook_id AS "webhookId", status,
  attempts, last_status_code AS "lastStatusCode", last_error AS "lastError",
  created_at AS "createdAt"`;

export async function listEndpoints(
  tx: Transaction,
  after: Position | null,
  limit: number,
): Promise<WebhookEndpoint[]> {
  return tx.query<WebhookEndpoint>(sql`
    SELECT ${endpointColumns} FROM webhook_endpoints
    WHERE ${isAfter(after)} ORDER BY created_at DESC, id DESC LIMIT ${limit}`);
}

export async function listDeliveries(
  tx: Transaction,
  status: DeliveryStatus | null,
  after: Position | null,
  limit: number,
): Promise<WebhookDelivery[]> {
  return tx.query<WebhookDelivery>(sql`
    SELECT ${deliveryColumns} FROM webhook_deliveries
    WHERE ${isAfter(after)} AND ${status === null ? sql`TRUE` : sql`status = ${status}`}
    ORDER BY created_at DESC, id DESC LIMIT ${limit}`);
}

function isAfter(position: Position | null): Sql {
  if (position === null) return sql`TRUE`;
  return sql`(created_at, id) < (${position.createdAt}, ${position.id})`;
}

export async function addEndpoint(
  tx: Transaction,
  accountId: string,
  endpoint: NewEndpoint,
): Promise<WebhookEndpoint & { secret: string }> {
  const [added] = await tx.query<WebhookEndpoint & { secret: string }>(sql`
    INSERT INTO webhook_endpoints (id, account_id, url, event_types, secret)
    VALUES (${uuid7()}, ${accountId}, ${endpoint.url}, ${endpoint.eventTypes}, ${endpoint.secret})
    RETURNING ${endpointColumns}, secret`);
  if (added === undefined) throw new Error("the row was not written");
  return added;
}

/** Its deliveries go with it. */
export async function deleteEndpoint(tx: Transaction, id: string): Promise<boolean> {
  const rows = await tx.query(sql`DELETE FROM webhook_endpoints WHERE id = ${id} RETURNING id`);
  return rows.length > 0;
}

export async function lockDelivery(
  tx: Transaction,
  id: string,
): Promise<{ disabled: boolean } | undefined> {
  const [row] = await tx.query<{ disabled: boolean }>(sql`
    SELECT endpoint.disabled_at IS NOT NULL AS disabled
    FROM webhook_deliveries AS delivery
    JOIN webhook_endpoints AS endpoint ON endpoint.id = delivery.endpoint_id
    WHERE delivery.id = ${id} FOR UPDATE OF delivery`);
  return row;
}

/** One that waits is sent now; one that ended is sent anew, with all its attempts. */
export async function makeDue(tx: Transaction, id: string): Promise<WebhookDelivery | undefined> {
  const [delivery] = await tx.query<WebhookDelivery>(sql`
    UPDATE webhook_deliveries
    SET status = 'pending', next_attempt_at = now(), updated_at = now(),
        attempts = CASE WHEN status = 'pending' THEN attempts ELSE 0 END,
        delivered_at = NULL
    WHERE id = ${id}
    RETURNING ${deliveryColumns}`);
  return delivery;
}

export async function claim(
  database: Database,
  limit: number,
  perEndpoint: number,
  leaseMs: number,
): Promise<ClaimedDelivery[]> {
  const token = randomUUID();
  const rows = await database.transaction((tx) =>
    tx.query<Omit<ClaimedDelivery, "token">>(sql`
      SELECT id, account_id AS "accountId", endpoint_id AS "endpointId", url, secret, disabled,
             event_type AS "eventType", webhook_id AS "webhookId", body, attempts,
             request_id AS "requestId"
      FROM app.claim_webhook_deliveries(
        ${limit}, ${perEndpoint}, ${token}, ${leaseMs / 1_000})`),
  );
  return rows.map((row) => ({ token, ...row }));
}

// Each of the following changes nothing when the lease was lost: then another worker's outcome
// counts.

export async function markDelivered(
  database: Database,
  claimed: ClaimedDelivery,
  statusCode: number | null,
): Promise<void> {
  await database.tenant(claimed.accountId, null, (tx) =>
    tx.query(sql`
      UPDATE webhook_deliveries
      SET status = 'delivered', delivered_at = now(), attempts = ${claimed.attempts + 1},
          last_status_code = ${statusCode}, last_error = NULL,
          lease_until = NULL, lease_token = NULL, updated_at = now()
      WHERE id = ${claimed.id} AND lease_token = ${claimed.token}`),
  );
}

/** Without a wait it has failed for good. */
export async function markFailed(
  database: Database,
  claimed: ClaimedDelivery,
  { statusCode, error }: { statusCode: number | null; error: string | null },
  waitMs: number | null,
): Promise<void> {
  const status = waitMs === null ? "failed" : "pending";
  await database.tenant(claimed.accountId, null, (tx) =>
    tx.query(sql`
      UPDATE webhook_deliveries
      SET status = ${status}, attempts = ${claimed.attempts + 1},
          next_attempt_at = now() + make_interval(secs => ${(waitMs ?? 0) / 1_000}),
          last_status_code = ${statusCode}, last_error = ${error},
          lease_until = NULL, lease_token = NULL, updated_at = now()
      WHERE id = ${claimed.id} AND lease_token = ${claimed.token}`),
  );
}

export async function giveBack(database: Database, claimed: ClaimedDelivery): Promise<void> {
  await database.tenant(claimed.accountId, null, (tx) =>
    tx.query(sql`
      UPDATE webhook_deliveries
      SET lease_until = NULL, lease_token = NULL, updated_at = now()
      WHERE id = ${claimed.id} AND lease_token = ${claimed.token}`),
  );
}

/** Nothing more is sent there: what still waits for the endpoint has failed too. */
export async function disableEndpoint(
  database: Database,
  { accountId, endpointId }: ClaimedDelivery,
  error: string,
): Promise<void> {
  await database.tenant(accountId, null, async (tx) => {
    await tx.query(sql`
      UPDATE webhook_endpoints SET disabled_at = now(), updated_at = now()
      WHERE id = ${endpointId} AND disabled_at IS NULL`);
    // What is being sent this instant writes its own outcome.
    await tx.query(sql`
      UPDATE webhook_deliveries SET status = 'failed', last_error = ${error}, updated_at = now()
      WHERE account_id = ${accountId} AND endpoint_id = ${endpointId}
        AND status = 'pending' AND lease_token IS NULL`);
  });
}
