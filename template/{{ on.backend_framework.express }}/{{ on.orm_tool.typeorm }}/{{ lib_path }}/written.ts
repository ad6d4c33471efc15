// What a statement with RETURNING * wrote, as a SELECT would give it.
import type { EntityManager, EntityTarget, ObjectLiteral } from "typeorm";

export function written<Row extends ObjectLiteral>(
  orm: EntityManager,
  entity: EntityTarget<Row>,
  result: { raw: unknown },
): Row | undefined {
  const [values] = result.raw as ObjectLiteral[];
  if (values === undefined) return undefined;
  const { metadata } = orm.getRepository(entity);
  const row = orm.create(entity);
  for (const column of metadata.columns) {
    column.setEntityValue(row, values[column.databaseName]);
  }
  return row;
}
