// Newest first, by (createdAt, id), behind an opaque cursor.
import { BadRequest } from "#lib/errors";
import { Page } from "#lib/responses";
import { isTimestamp, isUuid } from "#lib/schema";

export const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 100;
export const MAX_CURSOR_LENGTH = 200;

export interface ListQuery {
  readonly limit: number;
  readonly cursor?: string | null | undefined;
}

/** The last row that the caller has seen. */
export interface Position {
  readonly createdAt: string;
  readonly id: string;
}

/** Reads one row more than asked for: it tells whether there is a next page, without a count. */
export async function pageOf<Row extends Position>(
  { limit, cursor }: ListQuery,
  read: (after: Position | null, limit: number) => Promise<Row[]>,
): Promise<Page<Row>> {
  const after = typeof cursor === "string" ? decodeCursor(cursor) : null;
  const rows = await read(after, limit + 1);
  const last = rows[limit - 1];
  if (rows.length <= limit || last === undefined) return new Page(rows, null);
  return new Page(rows.slice(0, limit), encodeCursor(last));
}

export function encodeCursor({ createdAt, id }: Position): string {
  return Buffer.from(`${createdAt}|${id}`).toString("base64url");
}

export function decodeCursor(cursor: string): Position {
  const [createdAt, id, ...more] = Buffer.from(cursor, "base64url").toString().split("|");
  if (isTimestamp(createdAt) && isUuid(id) && more.length === 0) {
    const position = { createdAt, id };
    if (encodeCursor(position) === cursor) return position;
  }
  throw new BadRequest(undefined, [{ path: "cursor", message: "Not a valid cursor" }]);
}
