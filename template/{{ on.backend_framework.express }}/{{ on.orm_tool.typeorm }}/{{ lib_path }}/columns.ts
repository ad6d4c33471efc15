// What the rows of every table have in common.
import { Column, CreateDateColumn, PrimaryColumn, UpdateDateColumn } from "typeorm";

/** The type of moments. TypeORM makes a Date of any other, and a Date has no microseconds. */
export const INSTANT = "text";

export abstract class TenantRow {
  @PrimaryColumn({ type: "uuid" })
  id!: string;

  @Column({ name: "account_id", type: "uuid" })
  accountId!: string;

  @CreateDateColumn({ name: "created_at", type: INSTANT })
  createdAt!: string;

  @UpdateDateColumn({ name: "updated_at", type: INSTANT })
  updatedAt!: string;
}
