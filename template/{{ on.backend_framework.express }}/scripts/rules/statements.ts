// Sees every SQL statement of the application, and makes chosen ones fail: whatever library writes
// them, they go through the driver.
import pg from "pg";

/** No answer may show it, wherever in a failure it stands. */
export const MARKER = "kept_from_callers";

/** What becomes of a statement: other SQL in its place, or an error in our own code behind it. */
export interface Fault {
  readonly name: string;
  readonly status: number;
  readonly sql?: string;
}

export const FAULTS: readonly Fault[] = [
  { name: "an unexpected exception", status: 500 },
  { name: "an error of the database", status: 500, sql: `SELECT * FROM ${MARKER}` },
  {
    name: "a lost connection",
    status: 503,
    sql: "SELECT pg_terminate_backend(pg_backend_pid())",
  },
  {
    // What the server says once a statement has used up its time.
    name: "a statement that takes too long",
    status: 504,
    sql: `DO $$ BEGIN RAISE query_canceled USING MESSAGE = '${MARKER}'; END $$`,
  },
];

const TRANSACTION = /^\s*(?:begin|start transaction|commit|rollback|savepoint|release)\b/i;

/** Connections of the rules themselves. */
export const ignored = new WeakSet<object>();

type Query = (this: object, ...given: unknown[]) => unknown;

class Statements {
  texts: string[] = [];
  #fault: Fault | undefined;
  #faultAt = 0;
  /** Whether there was a statement to fail. */
  reached = false;
  /** Whether the code has met the fault: not all code looks at what a statement answers. */
  met = false;

  /** Count from here. */
  start(): void {
    this.texts = [];
  }

  /** Lets the statement with number `at`, counted from 1, meet the fault. */
  async failing<T>(fault: Fault, at: number, work: () => Promise<T>): Promise<T> {
    this.#fault = fault;
    this.#faultAt = at;
    this.reached = this.met = false;
    try {
      return await work();
    } finally {
      this.#fault = undefined;
    }
  }

  watch(): void {
    const prototype = pg.Client.prototype as unknown as { query: Query };
    const { query } = prototype;
    const seen = (client: object, given: unknown[]) => this.#seen(query, client, given);
    prototype.query = function watched(this: object, ...given: unknown[]) {
      return ignored.has(this) ? query.apply(this, given) : seen(this, given);
    };
  }

  #seen(query: Query, client: object, given: unknown[]): unknown {
    const text = textOf(given[0]);
    if (text === undefined || TRANSACTION.test(text)) return query.apply(client, given);
    this.texts.push(text);
    const fault = this.#fault;
    if (fault === undefined || this.texts.length !== this.#faultAt) {
      return query.apply(client, given);
    }
    this.reached = true;
    if (fault.sql === undefined) return this.#broken(query.apply(client, given));
    this.met = true;
    const callback = given.findLast((value) => typeof value === "function");
    return query.apply(client, callback === undefined ? [fault.sql] : [fault.sql, callback]);
  }

  /** An answer that throws when somebody looks at its rows. */
  async #broken(result: unknown): Promise<unknown> {
    const answer = (await result) as object;
    return Object.defineProperty(answer, "rows", {
      get: () => {
        this.met = true;
        throw new Error(MARKER);
      },
    });
  }
}

function textOf(query: unknown): string | undefined {
  if (typeof query === "string") return query;
  const text = typeof query === "object" && query !== null && "text" in query ? query.text : null;
  return typeof text === "string" ? text : undefined;
}

export const statements = new Statements();
