// `make worker`: takes job ids from the queue, and does what runs by the clock.
import { Background } from "#app/background";
import { closeContext, createContext, type AppContext } from "#app/context";
import { readSettings, SettingsError } from "#app/settings";
import { MetricsServer } from "#lib/metrics-server";
import { startConsumer } from "#lib/queue";
import { refuseOwner } from "#lib/role";

// Of the time that a shutdown may take: when the process leaves even if a service that hangs holds
// it up. Nothing is lost by that.
const LAST_SHARE = 0.85;

async function main(): Promise<void> {
  const stopped = nextSignal();
  const context = createContext(readSettings());
  await refuseOwner(context);
  const metrics = await startMetrics(context);
  const background = new Background(context);
  const consumer = startConsumer(context, (jobId) => background.runJob(jobId));
  background.start();

  const signal = await stopped;
  context.log.info("worker stopping", { signal });
  setTimeout(() => process.exit(), context.settings.shutdownGraceMs * LAST_SHARE).unref();
  background.stop();
  await consumer.stop();
  // Not before the jobs have ended, for they use what is closed here.
  await background.close();
  await closeContext(context);
  await metrics.stop();
  process.exit();
}

async function startMetrics({ settings }: AppContext): Promise<MetricsServer> {
  const { host, metricsToken, workerMetricsPort } = settings;
  try {
    return await MetricsServer.start(host, workerMetricsPort, metricsToken);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new SettingsError([`WORKER_METRICS_PORT cannot be listened on (${code ?? message})`]);
  }
}

async function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.on("SIGTERM", resolve);
    process.on("SIGINT", resolve);
  });
}

try {
  await main();
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
