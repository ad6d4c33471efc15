// The worker without its queue: runs the jobs that the queue names, and what runs by the clock.
import type { AppContext } from "#app/context";
import { createClients, type IntegrationClients } from "#app/integrations/clients";
import { SYNC } from "#app/integrations/jobs";
import { createSync } from "#app/integrations/sync";
import { JobRunner } from "#app/jobs/runner";
import { sweep } from "#app/jobs/sweeper";
import { purge } from "#app/maintenance";
import { Relay } from "#app/webhooks/relay";
import { Sender } from "#app/webhooks/sender";
import { pause } from "#lib/pause";

const SWEEP_MS = 500;
const CIRCUIT_MS = 1_000;
const PURGE_MS = 60_000;
// How long to leave a service alone that has just failed.
const PAUSE_AFTER_ERROR_MS = 2_000;
// Of the time that a shutdown may take: what running jobs get to finish; the rest is for giving
// back those that do not.
const FINISH_SHARE = 0.6;

export class Background {
  readonly #clients: IntegrationClients;
  readonly #relay: Relay;
  readonly #runner: JobRunner;
  readonly #stopping = new AbortController();
  #loops: Promise<void>[] = [];

  constructor(private readonly context: AppContext) {
    const { database, settings } = context;
    this.#clients = createClients(context);
    this.#runner = new JobRunner(context, { [SYNC]: createSync(database, this.#clients) });
    const sender = new Sender({
      timeoutMs: settings.webhookTimeoutMs,
      allowPrivate: settings.webhookAllowPrivate,
    });
    this.#relay = new Relay(context, sender);
  }

  async runJob(jobId: string): Promise<void> {
    await this.#runner.run(jobId);
  }

  start(): void {
    const { signal } = this.#stopping;
    this.#loops = [
      this.#repeat("relay", 0, () => this.#relay.step(signal)),
      this.#repeat("sweep", SWEEP_MS, () => sweep(this.context)),
      this.#repeat("circuits", CIRCUIT_MS, () => this.#showCircuits()),
      this.#repeat("purge", PURGE_MS, () => purge(this.context)),
    ];
  }

  /** Begins nothing more; what is not finished in time is left to another worker. */
  stop(): void {
    this.#stopping.abort();
    this.#runner.stopClaiming();
    const finishMs = this.context.settings.shutdownGraceMs * FINISH_SHARE;
    setTimeout(() => {
      this.#runner.giveBack();
      this.#relay.giveBack();
    }, finishMs).unref();
  }

  /** Waits for what has begun. */
  async close(): Promise<void> {
    await Promise.all(this.#loops);
    await this.#relay.drain();
    await Promise.all(Object.values(this.#clients).map((client) => client.close()));
  }

  async #showCircuits(): Promise<void> {
    await Promise.all(Object.values(this.#clients).map((client) => client.showCircuit()));
  }

  /** Goes on for ever, whatever fails; an outage is logged when it begins and when it ends. */
  async #repeat(task: string, pauseMs: number, action: () => Promise<void>): Promise<void> {
    const { log } = this.context;
    const { signal } = this.#stopping;
    let failing = false;
    while (!signal.aborted) {
      try {
        await action();
        if (failing) log.info("background task works again", { task });
        failing = false;
      } catch (error) {
        if (!failing) log.error("background task fails", { task, error });
        failing = true;
      }
      await pause(failing ? Math.max(pauseMs, PAUSE_AFTER_ERROR_MS) : pauseMs, signal);
    }
  }
}
