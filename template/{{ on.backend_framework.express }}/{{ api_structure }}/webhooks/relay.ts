// Empties the outbox: claims deliveries with a lease, sends several at once, writes what came.
import type { AppContext } from "#app/context";
import type { ClaimedDelivery } from "#app/webhooks/models";
import * as repository from "#app/webhooks/repository";
import { Outcome, type Sender } from "#app/webhooks/sender";
import { webhookDeliveries } from "#lib/metrics";
import { pause } from "#lib/pause";
import { inContext, RequestContext } from "#lib/request-context";

const POLL_MS = 250;
// Those that end together are followed by one claim.
const GATHER_MS = 20;
const CONCURRENCY = 50;
// Over all workers: a slow endpoint takes no more than its share.
const PER_ENDPOINT = 10;
// What sending may take besides the receiver's time; a killed worker's deliveries wait this longer.
const LEASE_MARGIN_MS = 5_000;
const LONGEST_WAIT_MS = 24 * 60 * 60 * 1_000;
const DISABLED = "The endpoint is disabled";

export class Relay {
  readonly #sending = new Set<Promise<void>>();
  readonly #givenBack = new AbortController();

  constructor(
    private readonly context: AppContext,
    private readonly sender: Sender,
  ) {}

  /** Claims what there is room for, then waits until there may be more to do. */
  async step(stopping: AbortSignal): Promise<void> {
    await this.#claim();
    if (this.#sending.size === 0) {
      await pause(POLL_MS, stopping);
      return;
    }
    const rested = new AbortController();
    await Promise.race([...this.#sending, pause(POLL_MS, rested.signal)]);
    rested.abort();
    await pause(GATHER_MS, stopping);
  }

  /** Sends everything that is due, and waits for it: for tests and tools. */
  async processDue(): Promise<number> {
    let total = 0;
    for (let claimed = await this.#claim(); claimed > 0; claimed = await this.#claim()) {
      total += claimed;
      await this.drain();
    }
    return total;
  }

  /** Waits for what is being sent. */
  async drain(): Promise<void> {
    await Promise.all(this.#sending);
  }

  /** Stops sending. What has no outcome yet is due again, as if it had not been tried. */
  giveBack(): void {
    this.#givenBack.abort();
  }

  async #claim(): Promise<number> {
    const room = CONCURRENCY - this.#sending.size;
    if (room <= 0) return 0;
    const { database, settings } = this.context;
    const leaseMs = settings.webhookTimeoutMs + LEASE_MARGIN_MS;
    const claimed = await repository.claim(database, room, PER_ENDPOINT, leaseMs);
    for (const delivery of claimed) {
      const request = new RequestContext(delivery.requestId ?? delivery.id);
      const sending = inContext(request, () => this.#deliver(delivery)).finally(() => {
        this.#sending.delete(sending);
      });
      this.#sending.add(sending);
    }
    return claimed.length;
  }

  async #deliver(delivery: ClaimedDelivery): Promise<void> {
    const { log } = this.context;
    const started = performance.now();
    try {
      const outcome = await this.#send(delivery);
      if (outcome === undefined) {
        await repository.giveBack(this.context.database, delivery);
        return;
      }
      const status = await this.#record(delivery, outcome);
      webhookDeliveries.inc({ status });
      log.info("webhook sent", {
        outcome: status,
        deliveryId: delivery.id,
        endpointId: delivery.endpointId,
        eventType: delivery.eventType,
        attempts: delivery.attempts + 1,
        statusCode: outcome.statusCode,
        reason: outcome.error,
        durationMs: Math.round((performance.now() - started) * 10) / 10,
      });
    } catch (error) {
      // The lease runs out and it is sent again, under the same id.
      log.error("delivery left behind", { deliveryId: delivery.id, error });
    }
  }

  /** Answers undefined when it was told to give back what it has. */
  async #send(delivery: ClaimedDelivery): Promise<Outcome | undefined> {
    if (delivery.disabled) return new Outcome(null, DISABLED);
    const { signal } = this.#givenBack;
    try {
      return await this.sender.send(delivery, signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  async #record(
    delivery: ClaimedDelivery,
    outcome: Outcome,
  ): Promise<"delivered" | "failed" | "retried"> {
    const { database, settings } = this.context;
    if (outcome.error === null) {
      await repository.markDelivered(database, delivery, outcome.statusCode);
      return "delivered";
    }
    if (outcome.gone) await repository.disableEndpoint(database, delivery, DISABLED);
    const attempts = delivery.attempts + 1;
    const final = outcome.gone || delivery.disabled || attempts >= settings.webhookMaxAttempts;
    await repository.markFailed(
      database,
      delivery,
      outcome,
      final ? null : this.#waitAfter(attempts),
    );
    return final ? "failed" : "retried";
  }

  /** Doubling, and jittered so that those which failed together do not come back together. */
  #waitAfter(attempts: number): number {
    const { webhookBackoffMs } = this.context.settings;
    const wait = Math.min(webhookBackoffMs * 2 ** Math.min(attempts - 1, 40), LONGEST_WAIT_MS);
    return wait * (0.8 + Math.random() * 0.4);
  }
}
