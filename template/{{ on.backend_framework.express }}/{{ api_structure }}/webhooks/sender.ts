// Sends one webhook, signed by Standard Webhooks (standardwebhooks.com).
import { Webhook } from "standardwebhooks";
import { Client, type buildConnector } from "undici";

import { parse, UrlRefused } from "#app/webhooks/destination";
import type { ClaimedDelivery } from "#app/webhooks/models";
import { AddressRefused, publicConnector } from "#lib/public-network";

// What is read of an answer at most; only its status matters.
const MAX_ANSWER_BYTES = 4_096;
const GONE = 410;

export class Outcome {
  constructor(
    readonly statusCode: number | null,
    readonly error: string | null,
  ) {}

  get gone(): boolean {
    return this.statusCode === GONE;
  }
}

export class Sender {
  readonly #connect: buildConnector.connector;

  constructor(private readonly options: { timeoutMs: number; allowPrivate: boolean }) {
    this.#connect = publicConnector(options);
  }

  /** Never throws for what the receiver does or is, but when `signal` is aborted. */
  async send(delivery: ClaimedDelivery, signal: AbortSignal): Promise<Outcome> {
    const deadline = AbortSignal.timeout(this.options.timeoutMs);
    let status: number;
    try {
      status = await this.#post(delivery, AbortSignal.any([signal, deadline]));
    } catch (error) {
      signal.throwIfAborted();
      return new Outcome(null, deadline.aborted ? "No answer in time" : explain(error));
    }
    const delivered = status >= 200 && status < 300;
    return new Outcome(status, delivered ? null : `The endpoint answered ${String(status)}`);
  }

  /** The id and the body stay over all attempts; the timestamp is this attempt's. */
  async #post(delivery: ClaimedDelivery, signal: AbortSignal): Promise<number> {
    const now = new Date();
    const url = parse(delivery.url);
    // No connection is kept: each attempt resolves and vets the address anew.
    const client = new Client(url.origin, { connect: this.#connect, pipelining: 0 });
    try {
      // Redirects are answers like any other: following one could lead anywhere.
      const { statusCode, body } = await client.request({
        method: "POST",
        path: url.pathname + url.search,
        headers: {
          "content-type": "application/json",
          "user-agent": "webhooks",
          "webhook-id": delivery.webhookId,
          "webhook-timestamp": String(Math.floor(now.getTime() / 1_000)),
          "webhook-signature": new Webhook(delivery.secret).sign(
            delivery.webhookId,
            now,
            delivery.body,
          ),
        },
        body: delivery.body,
        signal,
      });
      // Lets a short answer end in peace; a long one is cut off.
      await body.dump({ limit: MAX_ANSWER_BYTES, signal }).catch((error: unknown) => {
        if (signal.aborted) throw error;
      });
      return statusCode;
    } finally {
      await client.destroy();
    }
  }
}

function explain(error: unknown): string {
  if (error instanceof AddressRefused || error instanceof UrlRefused) return error.message;
  const { code, name } = error as NodeJS.ErrnoException;
  return `The connection failed (${code ?? name})`;
}
