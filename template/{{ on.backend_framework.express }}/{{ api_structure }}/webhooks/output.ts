import { integer, listOf, nullable, oneOf, output, text, timestamp, uuid } from "#lib/responses";

export const DELIVERY_STATUSES = ["pending", "delivered", "failed"] as const;

const endpoint = {
  id: uuid,
  url: text,
  eventTypes: listOf(text),
  disabledAt: nullable(timestamp),
  createdAt: timestamp,
};

export const webhookEndpointOut = output("WebhookEndpointOut", endpoint);

export const webhookEndpointCreated = output("WebhookEndpointCreated", {
  ...endpoint,
  secret: text,
});

export const webhookDeliveryOut = output("WebhookDeliveryOut", {
  id: uuid,
  endpointId: uuid,
  eventType: text,
  webhookId: text,
  status: oneOf(DELIVERY_STATUSES),
  attempts: integer,
  lastStatusCode: nullable(integer),
  lastError: nullable(text),
  createdAt: timestamp,
});
