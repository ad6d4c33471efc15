import { listParameters } from "#lib/list-query";
import { body, optionalWholeParameter, query, whole } from "#lib/validation";

export const healthScore = body("HealthScore", {
  score: whole({ min: 0, max: 100 }),
});

export const healthListQuery = query({
  ...listParameters,
  healthBelow: optionalWholeParameter({ min: 0, max: 101 }),
});
