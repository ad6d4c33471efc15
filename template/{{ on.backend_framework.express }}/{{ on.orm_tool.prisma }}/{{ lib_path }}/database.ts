// The transactions that requests and jobs run in: each commits on success and rolls back on error.
import { AsyncLocalStorage } from "node:async_hooks";

import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";

import { causeOf, StatementFailed, translate } from "#lib/pg-errors";
import { createPool, instantOf, type PoolOptions } from "#lib/pg-pool";
import { type Sql, sql } from "#lib/sql";
import { type Prisma, PrismaClient } from "#root/generated/prisma/client";

// Connecting and each statement have time-outs of their own: Prisma's would only tell less.
const UNLIMITED_MS = 2 ** 31 - 1;

const MOMENT: number = pg.types.builtins.TIMESTAMPTZ;

type Parsers = (id: number, format?: string) => (value: string) => unknown;
type Hook = () => Promise<void>;

export interface Transaction {
  readonly orm: Prisma.TransactionClient;
  query<Row extends object = Record<string, unknown>>(statement: Sql): Promise<Row[]>;
  /** Runs once the transaction is durable; never when it rolls back. */
  afterCommit(hook: Hook): void;
}

/** The connection that Prisma has taken for a transaction. */
interface Held {
  client?: pg.PoolClient;
}

export class Database {
  readonly #pool: pg.Pool;
  readonly #prisma: PrismaClient;
  readonly #taking = new AsyncLocalStorage<Held>();

  constructor(url: string, options: PoolOptions) {
    this.#pool = createPool(url, options);
    this.#pool.on("connect", prepare);
    this.#watchConnections();
    this.#prisma = new PrismaClient({
      adapter: new PrismaPg(this.#pool),
      errorFormat: "minimal",
      transactionOptions: { maxWait: UNLIMITED_MS, timeout: UNLIMITED_MS },
    });
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const hooks: Hook[] = [];
    const held: Held = {};
    let result: T;
    try {
      result = await this.#taking.run(held, () =>
        this.#prisma.$transaction((orm) => work(transactionOn(orm, held, hooks))),
      );
    } catch (error) {
      const ofDatabase = held.client === undefined || causeOf(error, StatementFailed) !== undefined;
      throw ofDatabase ? translate(error) : error;
    }
    for (const hook of hooks) await hook();
    return result;
  }

  /** A transaction that sees the rows of one account only. */
  async tenant<T>(
    accountId: string,
    userId: string | null,
    work: (tx: Transaction) => Promise<T>,
  ): Promise<T> {
    return this.transaction(async (tx) => {
      await tx.query(sql`
        SELECT set_config('app.account_id', ${accountId}, true),
               set_config('app.user_id', ${userId ?? ""}, true)`);
      return work(tx);
    });
  }

  /** Throws an ApiError when nothing can be asked now. */
  async ping(): Promise<void> {
    await this.transaction((tx) => tx.query(sql`SELECT 1`));
  }

  async close(): Promise<void> {
    await this.#prisma.$disconnect();
    await this.#pool.end();
  }

  /** Statements of our own go over the connection that Prisma's go over. */
  #watchConnections(): void {
    const connect = this.#pool.connect.bind(this.#pool);
    this.#pool.connect = (async () => {
      const client = await connect();
      const held = this.#taking.getStore();
      if (held !== undefined) held.client = client;
      return client;
    }) as typeof connect;
  }
}

function transactionOn(orm: Prisma.TransactionClient, held: Held, hooks: Hook[]): Transaction {
  const { client } = held;
  if (client === undefined) throw new Error("Prisma began a transaction on no connection");
  return {
    orm,
    async query<Row extends object>({ text, values }: Sql) {
      const { rows } = await client.query<Row>(text, [...values]);
      return rows;
    },
    afterCommit(hook) {
      hooks.push(hook);
    },
  };
}

/**
 * Moments come as the service writes them, whoever asks. A connection on which a statement may still
 * be on its way is closed, not given to others.
 */
function prepare(client: pg.PoolClient): void {
  const query = client.query.bind(client) as (...given: unknown[]) => Promise<unknown>;
  const prepared = async (...given: unknown[]): Promise<unknown> => {
    const [first] = given;
    if (isConfig(first) && first.types !== undefined) first.types = withInstants(first.types);
    try {
      return await query(...given);
    } catch (error) {
      if (causeOf(error, pg.DatabaseError) === undefined)
        (client as pg.Client).end(() => undefined);
      throw error;
    }
  };
  client.query = prepared as typeof client.query;
}

function isConfig(query: unknown): query is pg.QueryConfig {
  return typeof query === "object" && query !== null;
}

function withInstants(types: pg.CustomTypesConfig): pg.CustomTypesConfig {
  const given = types.getTypeParser as Parsers;
  const getTypeParser: Parsers = (id, format) => (id === MOMENT ? instantOf : given(id, format));
  return { getTypeParser };
}
