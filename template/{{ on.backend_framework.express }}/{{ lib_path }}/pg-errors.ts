// Says in the contract's terms what the database said, without its words.
import pg from "pg";

import { ApiError, BadRequest, Conflict, GatewayTimeout, Unavailable } from "#lib/errors";

const UNIQUE_VIOLATION = "23505";
const REFERENCE_VIOLATIONS = new Set(["23001", "23503"]);
const TIMED_OUT = new Set(["57014", "55P03"]);
const CONSTRAINT_OR_VALUE = /^2[23]/;
const AWAY = /^(08|53|57)/;

/** Errors of a statement carry it, so that a refused deletion is told from a missing reference. */
export class StatementFailed extends Error {
  constructor(
    readonly statement: string,
    override readonly cause: unknown,
  ) {
    super("A statement failed", { cause });
  }
}

export function translate(error: unknown): ApiError {
  const refused = causeOf(error, pg.DatabaseError);
  if (refused === undefined) return unreachable(error);
  const { code = "", constraint = "" } = refused;
  if (code === UNIQUE_VIOLATION) {
    return new Conflict("A row with this value exists already", { cause: error });
  }
  if (REFERENCE_VIOLATIONS.has(code)) {
    return explainReference(causeOf(error, StatementFailed)?.statement ?? "", constraint);
  }
  if (CONSTRAINT_OR_VALUE.test(code)) return new BadRequest(undefined, undefined, { cause: error });
  if (TIMED_OUT.has(code))
    return new GatewayTimeout("The database took too long", { cause: error });
  if (AWAY.test(code)) return new Unavailable(undefined, { cause: error });
  return new ApiError(undefined, 500, { cause: error });
}

/** Libraries wrap what the driver throws. */
export function causeOf<T extends Error>(
  error: unknown,
  kind: abstract new (...given: never[]) => T,
): T | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof kind) return cause;
  }
  return undefined;
}

function unreachable(error: unknown): ApiError {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.message === "Query read timeout") {
      return new GatewayTimeout("The database took too long", { cause: error });
    }
  }
  return new Unavailable(undefined, { cause: error });
}

function explainReference(statement: string, constraint: string): ApiError {
  if (/^\s*delete/i.test(statement)) return new Conflict("Other rows still refer to this one");
  // Constraints of references are called fk_<column>.
  const path = constraint
    .replace(/^fk_/, "")
    .replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return new BadRequest(undefined, [{ path, message: "No such row" }]);
}
