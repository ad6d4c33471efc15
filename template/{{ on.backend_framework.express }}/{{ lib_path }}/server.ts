// Node's server with a drain: on SIGTERM load balancers are told first, connections are closed later.
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Duplex } from "node:stream";

import type { Express } from "express";

import type { AppContext } from "#app/context";
import { SettingsError } from "#app/settings";
import { refuseMalformed } from "#lib/http-limits";

// Beyond this no head of a request may grow.
const MAX_HEAD_BYTES = 65_536;
// The bytes are the limit: what they hold is not counted besides.
const MAX_HEADERS = MAX_HEAD_BYTES / 4;
const KEEP_ALIVE_MS = 75_000;
// How often connections are looked at that have kept silent for too long.
const PATROL_MS = 500;
// The longest that new requests are still taken after SIGTERM, for balancers to notice.
const MAX_DRAIN_MS = 2_000;
// Of the time that a shutdown may take: when the process leaves, whatever still runs.
const LAST_SHARE = 0.95;

export function createHttpServer(app: Express, { settings }: AppContext): Server {
  const { requestTimeoutMs } = settings;
  const server = createServer({
    maxHeaderSize: MAX_HEAD_BYTES,
    headersTimeout: requestTimeoutMs,
    // A body has its own time in the application; this ends what is sent on after the answer.
    requestTimeout: 2 * requestTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: PATROL_MS,
    // No answer of ours depends on it, and Node's own refusal would lack the headers of every answer.
    requireHostHeader: false,
  });
  server.maxHeadersCount = MAX_HEADERS;
  server.on("request", app);
  // Not answered by Node, so that a body that is too large is refused before it is sent.
  server.on("checkContinue", app);
  server.on("checkExpectation", app);
  server.on("connect", (_request: IncomingMessage, socket: Duplex) => {
    refuseMalformed(new Error("CONNECT is for proxies"), socket);
  });
  server.on("clientError", refuseMalformed);
  return server;
}

/** Resolves when a signal has come and the requests in flight are done. */
export async function serveUntilStopped(app: Express, context: AppContext): Promise<void> {
  const { log, settings } = context;
  const { host, port, shutdownGraceMs } = settings;
  const server = createHttpServer(app, context);
  const signalled = nextSignal();
  await listen(server, host, port);
  log.info("listening", { host, port });

  const signal = await signalled;
  log.info("draining", { signal });
  context.draining = true;
  // A request that never ends must not keep the process beyond its grace.
  setTimeout(() => process.exit(), shutdownGraceMs * LAST_SHARE).unref();
  // After Ctrl-C nobody waits for a balancer.
  if (signal === "SIGTERM") await sleep(Math.min(MAX_DRAIN_MS, shutdownGraceMs / 4));
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(port, host, resolve);
    });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new SettingsError([`PORT cannot be listened on (${code ?? message})`]);
  }
}

async function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.on("SIGTERM", resolve);
    process.on("SIGINT", () => {
      process.once("SIGINT", () => process.exit());
      resolve("SIGINT");
    });
  });
}

async function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
