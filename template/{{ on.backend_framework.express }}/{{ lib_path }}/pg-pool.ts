// The connections: their time-outs, what their values become, and how long their statements took.
import pg from "pg";

import type { Logger } from "#lib/logging";
import { dbDuration } from "#lib/metrics";
import { StatementFailed } from "#lib/pg-errors";

const SLOW_STATEMENT_MS = 50;
// The server cancels a slow statement first; the client's own time-out is for a server that hangs.
const CLIENT_TIMEOUT_MARGIN_MS = 250;
const TRANSACTION_CONTROL = new Set(["BEGIN", "START TRANSACTION", "COMMIT", "ROLLBACK"]);

export interface PoolOptions {
  timeoutMs: number;
  poolSize: number;
  log?: Logger;
}

export function createPool(url: string, { timeoutMs, poolSize, log }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    query_timeout: timeoutMs + CLIENT_TIMEOUT_MARGIN_MS,
    keepAlive: true,
    options: "-c TimeZone=UTC",
    types: { getTypeParser },
  });
  pool.on("connect", (client) => {
    measure(client, log);
    // One that is lost in use, between two statements: the next one fails, which is told then.
    client.on("error", () => undefined);
  });
  // A connection that is lost while nobody uses it: the pool has replaced it.
  pool.on("error", (error) => {
    log?.warn("database connection lost", { error });
  });
  return pool;
}

type Parser = (value: string) => unknown;

const parsers = new Map<number, Parser>([
  [pg.types.builtins.INT8, Number],
  [pg.types.builtins.TIMESTAMPTZ, instantOf],
]);

const builtIn = pg.types.getTypeParser as (id: number, format?: string) => Parser;

function getTypeParser(id: number, format?: string): Parser {
  return parsers.get(id) ?? builtIn(id, format);
}

/** `2026-01-02 03:04:05.123456+00` as RFC 3339 writes it: a Date would lose the microseconds. */
export function instantOf(value: string): string {
  return `${value.slice(0, 10)}T${value.slice(11).replace(/\+00$/, "Z")}`;
}

function measure(client: pg.PoolClient, log?: Logger): void {
  const query = client.query.bind(client) as (...given: unknown[]) => Promise<pg.QueryResult>;
  const measured = async (...given: unknown[]): Promise<pg.QueryResult> => {
    const [first] = given;
    const text = typeof first === "string" ? first : (first as pg.QueryConfig).text;
    const started = performance.now();
    try {
      return await query(...given);
    } catch (error) {
      throw new StatementFailed(text, error);
    } finally {
      if (!TRANSACTION_CONTROL.has(text)) tell(text, performance.now() - started, log);
    }
  };
  client.query = measured as typeof client.query;
}

function tell(statement: string, elapsed: number, log?: Logger): void {
  const durationMs = Math.round(elapsed * 10) / 10;
  dbDuration.observe(elapsed / 1_000);
  if (elapsed > SLOW_STATEMENT_MS) log?.warn("slow statement", { durationMs, statement });
}
