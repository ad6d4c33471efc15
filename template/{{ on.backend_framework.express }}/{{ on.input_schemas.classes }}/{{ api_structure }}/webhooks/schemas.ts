import { DELIVERY_STATUSES } from "#app/webhooks/output";
import { EVENT_TYPES } from "#constants";
import { ListParameters } from "#lib/list-query";
import { body, Choice, Choices, Optional, query, Text } from "#lib/validation";

const MAX_URL_LENGTH = 2_048;

export class WebhookEndpointCreate {
  @Text({ min: 1, max: MAX_URL_LENGTH, format: "uri" })
  url!: string;

  @Choices(EVENT_TYPES)
  eventTypes!: (typeof EVENT_TYPES)[number][];
}

export class DeliveryListQuery extends ListParameters {
  @Optional()
  @Choice(DELIVERY_STATUSES)
  status?: (typeof DELIVERY_STATUSES)[number] | null;
}

export const webhookEndpointCreate = body(WebhookEndpointCreate);
export const deliveryListQuery = query(DeliveryListQuery);
