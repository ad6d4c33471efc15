// The transactions that requests and jobs run in: each commits on success and rolls back on error.
import pg from "pg";
import {
  DataSource,
  type EntityManager,
  QueryFailedError,
  type QueryRunner,
  QueryRunnerAlreadyReleasedError,
} from "typeorm";

import { ENTITIES } from "#app/entities";
import { causeOf, StatementFailed, translate } from "#lib/pg-errors";
import { createPool, type PoolOptions } from "#lib/pg-pool";
import { type Sql, sql } from "#lib/sql";

type Hook = () => Promise<void>;

export interface Transaction {
  readonly orm: EntityManager;
  query<Row extends object = Record<string, unknown>>(statement: Sql): Promise<Row[]>;
  /** Runs once the transaction is durable; never when it rolls back. */
  afterCommit(hook: Hook): void;
}

export class Database {
  readonly #url: string;
  readonly #options: PoolOptions;
  #source: Promise<DataSource> | undefined;

  constructor(url: string, options: PoolOptions) {
    this.#url = url;
    this.#options = options;
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const hooks: Hook[] = [];
    const result = await this.#connected(async (runner) => {
      await runner.startTransaction();
      const answer = await work(transactionOn(runner, hooks));
      await runner.commitTransaction();
      return answer;
    });
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
    await this.#connected(async (runner) => {
      await runner.query("SELECT 1");
    });
  }

  async close(): Promise<void> {
    const source = await this.#source;
    await source?.destroy();
  }

  async #connected<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    const runner = await this.#connect();
    try {
      const result = await work(runner);
      await runner.release();
      return result;
    } catch (error) {
      const failure = failureOf(error);
      await giveBack(runner, failure);
      throw failure === undefined ? error : translate(failure);
    }
  }

  async #connect(): Promise<QueryRunner> {
    try {
      const source = await this.#opened();
      const runner = source.createQueryRunner();
      await runner.connect();
      return runner;
    } catch (error) {
      throw translate(failureOf(error) ?? error);
    }
  }

  /** The first who needs the database opens it: the service starts without one. */
  async #opened(): Promise<DataSource> {
    this.#source ??= open(this.#url, this.#options).catch((error: unknown) => {
      this.#source = undefined;
      throw error;
    });
    return this.#source;
  }
}

async function open(url: string, options: PoolOptions): Promise<DataSource> {
  const pool = createPool(url, options);
  const source = new DataSource({
    type: "postgres",
    // Connections are the pool's business: their time-outs, what their values become.
    driver: {
      Pool: function provided() {
        return pool;
      },
    },
    poolErrorHandler: () => undefined,
    installExtensions: false,
    entities: ENTITIES,
    // The schema is that of migrations/.
    synchronize: false,
  });
  try {
    return await source.initialize();
  } catch (error) {
    if (!pool.ending) await pool.end();
    throw error;
  }
}

function transactionOn(runner: QueryRunner, hooks: Hook[]): Transaction {
  return {
    orm: runner.manager,
    async query<Row extends object>({ text, values }: Sql) {
      const { records } = await runner.query(text, [...values], true);
      return records as Row[];
    },
    afterCommit(hook) {
      hooks.push(hook);
    },
  };
}

/** What became of a statement or its connection, out of what TypeORM wraps it in. */
function failureOf(error: unknown): Error | undefined {
  const lost = causeOf(error, QueryRunnerAlreadyReleasedError);
  return lost ?? causeOf(causeOf(error, QueryFailedError)?.driverError, StatementFailed);
}

/** A connection on which a statement may still be on its way is closed, not given to others. */
async function giveBack(runner: QueryRunner, failure: Error | undefined): Promise<void> {
  // TypeORM has given back one that was lost in between.
  if (runner.isReleased) return;
  const client = (await runner.connect()) as pg.PoolClient;
  try {
    if (failure !== undefined && causeOf(failure, pg.DatabaseError) === undefined) throw failure;
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    await runner.release();
  } catch (error) {
    // A release says nothing of the connection's state: this takes it out of the pool.
    client.emit("error", error);
  }
}
