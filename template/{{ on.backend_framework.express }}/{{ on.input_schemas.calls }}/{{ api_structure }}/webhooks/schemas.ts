import { DELIVERY_STATUSES } from "#app/webhooks/output";
import { EVENT_TYPES } from "#constants";
import { listParameters } from "#lib/list-query";
import { body, choice, choices, optional, query, text } from "#lib/validation";

const MAX_URL_LENGTH = 2_048;

export const webhookEndpointCreate = body("WebhookEndpointCreate", {
  url: text({ min: 1, max: MAX_URL_LENGTH, format: "uri" }),
  eventTypes: choices(EVENT_TYPES),
});

export const deliveryListQuery = query({
  ...listParameters,
  status: optional(choice(DELIVERY_STATUSES)),
});
