// What the rows of every table have in common.
import {
  type CreationOptional,
  DataTypes,
  fn,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
} from "sequelize";

import { uuid7 } from "#lib/uuid7";

/** The type of moments. Sequelize's own makes Dates of them, and a Date has no microseconds. */
export const INSTANT = "TIMESTAMP WITH TIME ZONE";

/** The database's clock, to be written into a column. */
export const now = fn("now");

export abstract class TenantRow<M extends TenantRow<M>> extends Model<
  InferAttributes<M>,
  InferCreationAttributes<M>
> {
  declare id: CreationOptional<string>;
  declare accountId: string;
  declare createdAt: CreationOptional<string>;
  declare updatedAt: CreationOptional<string>;
}

export const tenantColumns = {
  id: { type: DataTypes.UUID, primaryKey: true, defaultValue: uuid7 },
  accountId: { type: DataTypes.UUID, allowNull: false, field: "account_id" },
  createdAt: { type: INSTANT, allowNull: false, defaultValue: now, field: "created_at" },
  updatedAt: { type: INSTANT, allowNull: false, defaultValue: now, field: "updated_at" },
};
