// The transactions that requests and jobs run in: each commits on success and rolls back on error.
import type pg from "pg";
import {
  DatabaseError,
  QueryTypes,
  type Sequelize,
  type Transaction as SequelizeTransaction,
  UniqueConstraintError,
} from "sequelize";

import { causeOf, StatementFailed, translate } from "#lib/pg-errors";
import { createPool, type PoolOptions } from "#lib/pg-pool";
import { createSequelize } from "#lib/sequelize";
import { type Sql, sql } from "#lib/sql";

type Hook = () => Promise<void>;

export interface Transaction {
  /** What every call of a model takes: `{ transaction: tx.orm }`. */
  readonly orm: SequelizeTransaction;
  query<Row extends object = Record<string, unknown>>(statement: Sql): Promise<Row[]>;
  /** Runs once the transaction is durable; never when it rolls back. */
  afterCommit(hook: Hook): void;
}

export class Database {
  readonly #pool: pg.Pool;
  readonly #sequelize: Sequelize;

  constructor(url: string, options: PoolOptions) {
    this.#pool = createPool(url, options);
    this.#sequelize = createSequelize(this.#pool);
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const hooks: Hook[] = [];
    const result = await this.#managed((orm) => work(this.#transactionOn(orm, hooks)));
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
    await this.#pool.end();
  }

  async #managed<T>(work: (transaction: SequelizeTransaction) => Promise<T>): Promise<T> {
    try {
      return await this.#sequelize.transaction(work);
    } catch (error) {
      const failed = causeOf(error, DatabaseError) ?? causeOf(error, UniqueConstraintError);
      if (failed === undefined) throw error;
      throw translate(new StatementFailed(failed.sql, failed.parent));
    }
  }

  #transactionOn(transaction: SequelizeTransaction, hooks: Hook[]): Transaction {
    const sequelize = this.#sequelize;
    return {
      orm: transaction,
      async query<Row extends object>({ text, values }: Sql) {
        const options = { bind: [...values], transaction };
        return sequelize.query<Row>(text, { ...options, type: QueryTypes.SELECT });
      },
      afterCommit(hook) {
        hooks.push(hook);
      },
    };
  }
}
