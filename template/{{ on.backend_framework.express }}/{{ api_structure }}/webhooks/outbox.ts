// The outbox: an event is written in the transaction of its change, and sent by the worker.
import type { EventType } from "#constants";
import type { Transaction } from "#lib/database";
import { currentRequestId } from "#lib/request-context";
import { sql } from "#lib/sql";
import type { Principal } from "#lib/tenancy";
import { uuid7 } from "#lib/uuid7";

// region: webhook
/**
 * Writes the event for every endpoint that is subscribed now; it commits or rolls back with the
 * change. The body is fixed here, so that all retries send the same.
 */
export async function publish(
  tx: Transaction,
  caller: Principal,
  type: EventType,
  row: object,
): Promise<void> {
  if (!caller.hasEndpoints) return;
  const webhookId = `msg_${uuid7().replaceAll("-", "")}`;
  const requestId = currentRequestId() ?? null;
  const body = JSON.stringify({ type, timestamp: new Date(), data: row });
  // One statement whatever the number of endpoints; the policies bind it to the caller's account.
  await tx.query(sql`
    INSERT INTO webhook_deliveries
      (id, account_id, endpoint_id, event_type, webhook_id, body, request_id)
    SELECT gen_random_uuid(), account_id, id, ${type}, ${webhookId}, ${body}, ${requestId}
    FROM webhook_endpoints
    WHERE account_id = app.current_account_id()
      AND disabled_at IS NULL AND ${type} = ANY (event_types)`);
}
// endregion
