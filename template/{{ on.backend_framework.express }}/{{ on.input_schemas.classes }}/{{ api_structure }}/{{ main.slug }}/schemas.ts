import { ListParameters } from "#lib/list-query";
import { body, OptionalWholeParameter, query, Whole } from "#lib/validation";

export class HealthScore {
  @Whole({ min: 0, max: 100 })
  score!: number;
}

export class HealthListQuery extends ListParameters {
  @OptionalWholeParameter({ min: 0, max: 101 })
  healthBelow?: number | null;
}

export const healthScore = body(HealthScore);
export const healthListQuery = query(HealthListQuery);
