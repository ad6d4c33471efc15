// Sequelize on the connections of our own pool: their time-outs, what their values become.
import pg from "pg";
import { Sequelize } from "sequelize";

import { initModels } from "#app/models";
import { causeOf, StatementFailed, translate } from "#lib/pg-errors";

type Result = Pick<pg.QueryResult, "rows">;
type Callback = (error: unknown, result?: Result) => void;

export function createSequelize(pool: pg.Pool): Sequelize {
  const sequelize = new Sequelize({
    dialect: "postgres",
    // The pool tells of slow statements, and the service of those that fail.
    logging: false,
    // The database's clock is the one that all processes share: columns.ts asks it.
    define: { timestamps: false },
  });
  const { connectionManager } = sequelize;
  connectionManager.getConnection = async (options: object) => {
    // What a transaction asks for carries its id.
    if (!("uuid" in options)) {
      throw new Error("No statement without { transaction: tx.orm }: it would see no tenant");
    }
    try {
      return new Connection(await pool.connect());
    } catch (error) {
      throw translate(error);
    }
  };
  connectionManager.releaseConnection = (connection) => {
    (connection as Connection).release();
  };
  connectionManager.destroyConnection = async (connection) => {
    (connection as Connection).destroy();
    return Promise.resolve();
  };
  initModels(sequelize);
  return sequelize;
}

/** What Sequelize asks of the driver, which it calls with callbacks. */
class Connection {
  readonly #client: pg.PoolClient;
  // After one that the server did not answer, a statement may still be on its way.
  #failure: Error | undefined;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  query(text: string, values: unknown[] | Callback, callback = values as Callback): void {
    const parameters = Array.isArray(values) ? values : [];
    const statement = text.replace(/;$/, "");
    const answer =
      statement === "ROLLBACK" ? this.#rollBack(statement) : this.#run(statement, parameters);
    answer.then((result) => callback(null, result), callback);
  }

  release(): void {
    this.#client.release(this.#failure);
  }

  destroy(): void {
    this.#client.release(true);
  }

  async #run(statement: string, parameters: unknown[]): Promise<Result> {
    try {
      return await this.#client.query(statement, parameters);
    } catch (error) {
      if (causeOf(error, pg.DatabaseError) === undefined) this.#failure = error as Error;
      // Sequelize tells errors by the driver's codes.
      throw error instanceof StatementFailed ? error.cause : error;
    }
  }

  /** The server itself rolls back what was begun on a connection that is closed. */
  async #rollBack(statement: string): Promise<Result> {
    try {
      if (this.#failure === undefined) await this.#client.query(statement);
    } catch (error) {
      this.#failure = error as Error;
    }
    return { rows: [] };
  }
}
