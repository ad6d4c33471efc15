// The transactions that requests and jobs run in: each commits on success and rolls back on error.
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import pg from "pg";

import { causeOf, StatementFailed, translate } from "#lib/pg-errors";
import { createPool, type PoolOptions } from "#lib/pg-pool";
import { type Sql, sql } from "#lib/sql";

type Hook = () => Promise<void>;

export interface Transaction {
  readonly orm: NodePgDatabase;
  query<Row extends object = Record<string, unknown>>(statement: Sql): Promise<Row[]>;
  /** Runs once the transaction is durable; never when it rolls back. */
  afterCommit(hook: Hook): void;
}

export class Database {
  readonly #pool: pg.Pool;

  constructor(url: string, options: PoolOptions) {
    this.#pool = createPool(url, options);
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const hooks: Hook[] = [];
    const result = await this.#connected(async (client) => {
      await client.query("BEGIN");
      const answer = await work(transactionOn(client, hooks));
      await client.query("COMMIT");
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
    await this.#connected((client) => client.query("SELECT 1"));
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #connected<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    let client: pg.PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      throw translate(error);
    }
    try {
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      const failed = causeOf(error, StatementFailed);
      await giveBack(client, failed === undefined || failed.cause instanceof pg.DatabaseError);
      throw failed === undefined ? error : translate(error);
    }
  }
}

function transactionOn(client: pg.PoolClient, hooks: Hook[]): Transaction {
  return {
    orm: drizzle({ client }),
    async query<Row extends object>({ text, values }: Sql) {
      const { rows } = await client.query<Row>(text, [...values]);
      return rows;
    },
    afterCommit(hook) {
      hooks.push(hook);
    },
  };
}

/** A connection on which a statement may still be on its way is closed, not given to others. */
async function giveBack(client: pg.PoolClient, usable: boolean): Promise<void> {
  try {
    if (usable) await client.query("ROLLBACK");
    client.release(!usable);
  } catch (error) {
    client.release(error as Error);
  }
}
