// A page of what a query selects, as TypeORM reads it.
import type { ObjectLiteral, SelectQueryBuilder } from "typeorm";

import { type ListQuery, pageOf, type Position } from "#lib/pagination";
import type { Page } from "#lib/responses";

export async function newestFirst<Row extends ObjectLiteral & Position>(
  select: SelectQueryBuilder<Row>,
  query: ListQuery,
): Promise<Page<Row>> {
  const { alias } = select;
  return pageOf(query, async (after, limit) => {
    if (after !== null) {
      const { createdAt, id } = after;
      select.andWhere(`(${alias}.createdAt, ${alias}.id) < (:createdAt, :id)`, { createdAt, id });
    }
    return select
      .orderBy(`${alias}.createdAt`, "DESC")
      .addOrderBy(`${alias}.id`, "DESC")
      .limit(limit)
      .getMany();
  });
}
