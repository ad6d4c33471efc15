// What every list takes in its query.
import { DEFAULT_LIMIT, MAX_CURSOR_LENGTH, MAX_LIMIT } from "#lib/pagination";
import { Optional, query, Text, WholeParameter } from "#lib/validation";

export class ListParameters {
  @WholeParameter({ min: 1, max: MAX_LIMIT, missing: DEFAULT_LIMIT })
  limit!: number;

  @Optional()
  @Text({ max: MAX_CURSOR_LENGTH })
  cursor?: string | null;
}

export const listQuery = query(ListParameters);
