import { randomBytes } from "node:crypto";

import type { WebhookDelivery, WebhookEndpoint } from "#app/webhooks/models";
import * as repository from "#app/webhooks/repository";
import type { Transaction } from "#lib/database";
import { Conflict, NotFound } from "#lib/errors";
import { type ListQuery, pageOf } from "#lib/pagination";
import type { Page } from "#lib/responses";

const SECRET_BYTES = 32;

/** The URL has been checked; the secret is shown this once. */
export async function register(
  tx: Transaction,
  accountId: string,
  endpoint: { url: string; eventTypes: readonly string[] },
): Promise<WebhookEndpoint & { secret: string }> {
  return repository.addEndpoint(tx, accountId, { ...endpoint, secret: generateSecret() });
}

export async function listEndpoints(
  tx: Transaction,
  query: ListQuery,
): Promise<Page<WebhookEndpoint>> {
  return pageOf(query, (after, limit) => repository.listEndpoints(tx, after, limit));
}

export async function remove(tx: Transaction, id: string): Promise<void> {
  if (!(await repository.deleteEndpoint(tx, id))) throw new NotFound();
}

export async function listDeliveries(
  tx: Transaction,
  query: ListQuery & { status?: WebhookDelivery["status"] | null | undefined },
): Promise<Page<WebhookDelivery>> {
  const status = query.status ?? null;
  return pageOf(query, (after, limit) => repository.listDeliveries(tx, status, after, limit));
}

/** Sends it again, under the same webhook id and with all its attempts. */
export async function redeliver(tx: Transaction, id: string): Promise<WebhookDelivery> {
  const found = await repository.lockDelivery(tx, id);
  if (found?.disabled === true) throw new Conflict("The endpoint is disabled");
  const delivery = found && (await repository.makeDue(tx, id));
  if (delivery === undefined) throw new NotFound();
  return delivery;
}

export function generateSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString("base64")}`;
}
