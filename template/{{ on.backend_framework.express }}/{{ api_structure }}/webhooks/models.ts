export type DeliveryStatus = "pending" | "delivered" | "failed";

export interface WebhookEndpoint {
  id: string;
  url: string;
  eventTypes: string[];
  disabledAt: string | null;
  createdAt: string;
}

/** One event for one endpoint: written with the change it tells of, kept until it arrived. */
export interface WebhookDelivery {
  id: string;
  endpointId: string;
  eventType: string;
  webhookId: string;
  status: DeliveryStatus;
  attempts: number;
  lastStatusCode: number | null;
  lastError: string | null;
  createdAt: string;
}

/** A delivery that this worker alone may send, until its lease is over. */
export interface ClaimedDelivery {
  readonly token: string;
  readonly id: string;
  readonly accountId: string;
  readonly endpointId: string;
  readonly url: string;
  readonly secret: string;
  readonly disabled: boolean;
  readonly eventType: string;
  readonly webhookId: string;
  readonly body: string;
  readonly attempts: number;
  readonly requestId: string | null;
}
