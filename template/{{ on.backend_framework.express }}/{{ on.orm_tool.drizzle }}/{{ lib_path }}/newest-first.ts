// A page of a table, as Drizzle reads it.
import { and, desc, type SQL, sql } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";

import type { Transaction } from "#lib/database";
import { type ListQuery, pageOf, type Position } from "#lib/pagination";
import type { Page } from "#lib/responses";

interface Newest {
  createdAt: PgColumn;
  id: PgColumn;
}

export async function newestFirst<T extends PgTable & Newest>(
  tx: Transaction,
  table: T,
  query: ListQuery,
  where?: SQL,
): Promise<Page<T["$inferSelect"] & Position>> {
  const { createdAt, id } = table;
  const plain: PgTable = table;
  return pageOf(query, async (after, limit) => {
    const older =
      after && sql`(${createdAt}, ${id}) < (${after.createdAt}::timestamptz, ${after.id}::uuid)`;
    const rows = await tx.orm
      .select()
      .from(plain)
      .where(and(where, older ?? undefined))
      .orderBy(desc(createdAt), desc(id))
      .limit(limit);
    return rows as (T["$inferSelect"] & Position)[];
  });
}
