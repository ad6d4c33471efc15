// A page of a table, as Prisma is asked for it.
import type { Position } from "#lib/pagination";

export function newestFirst(after: Position | null, take: number) {
  return {
    where: after === null ? {} : olderThan(after),
    orderBy: [{ createdAt: "desc" as const }, { id: "desc" as const }],
    take,
  };
}

/** That no row is newer lets the index begin at the position; the rest tells those of one moment. */
function olderThan({ createdAt, id }: Position) {
  return {
    createdAt: { lte: createdAt },
    OR: [{ createdAt: { lt: createdAt } }, { id: { lt: id } }],
  };
}
