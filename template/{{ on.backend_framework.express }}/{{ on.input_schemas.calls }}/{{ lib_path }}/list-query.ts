// What every list takes in its query.
import { DEFAULT_LIMIT, MAX_CURSOR_LENGTH, MAX_LIMIT } from "#lib/pagination";
import { optional, query, text, wholeParameter } from "#lib/validation";

export const listParameters = {
  limit: wholeParameter({ min: 1, max: MAX_LIMIT, missing: DEFAULT_LIMIT }),
  cursor: optional(text({ max: MAX_CURSOR_LENGTH })),
};

export const listQuery = query(listParameters);
