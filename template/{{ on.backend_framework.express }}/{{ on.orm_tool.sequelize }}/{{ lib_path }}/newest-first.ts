// A page of a table, as Sequelize reads it.
import { type Attributes, literal, type ModelStatic, Op, type WhereOptions } from "sequelize";

import type { TenantRow } from "#lib/columns";
import type { Transaction } from "#lib/database";
import { type ListQuery, pageOf } from "#lib/pagination";
import type { Page } from "#lib/responses";

const OLDER = literal("(created_at, id) < (:createdAt, :id)");

export async function newestFirst<M extends TenantRow<M>>(
  tx: Transaction,
  model: ModelStatic<M>,
  query: ListQuery,
  where: WhereOptions<Attributes<M>> = {},
): Promise<Page<M>> {
  return pageOf(query, async (after, limit) =>
    model.findAll({
      where: after === null ? where : { [Op.and]: [where, OLDER] },
      ...(after !== null && { replacements: { ...after } }),
      order: [
        ["createdAt", "DESC"],
        ["id", "DESC"],
      ],
      limit,
      raw: true,
      transaction: tx.orm,
    }),
  );
}
