// What the columns of every table have in common.
import { sql } from "drizzle-orm";
import { bigint, customType, jsonb, numeric, uuid } from "drizzle-orm/pg-core";

import { instantOf } from "#lib/pg-pool";
import type { JsonObject } from "#lib/schema";
import { uuid7 } from "#lib/uuid7";

/** A moment as RFC 3339 writes it, to the microsecond. */
export const instant = customType<{ data: string; driverData: string }>({
  dataType: () => "timestamp with time zone",
  // Drizzle takes the driver's own parser away.
  fromDriver: (value) => (value.charAt(10) === "T" ? value : instantOf(value)),
});

export function whole(name: string) {
  return bigint(name, { mode: "number" });
}

export function decimal(name: string) {
  return numeric(name, { precision: 18, scale: 4 });
}

export function jsonObject(name: string) {
  return jsonb(name).$type<JsonObject>();
}

export function identified() {
  return { id: uuid("id").primaryKey().$defaultFn(uuid7) };
}

export function tenanted() {
  return { accountId: uuid("account_id").notNull() };
}

export function timestamped() {
  return {
    createdAt: instant("created_at")
      .notNull()
      .default(sql`now()`),
    updatedAt: instant("updated_at")
      .notNull()
      .default(sql`now()`)
      .$onUpdate(() => sql`now()`),
  };
}
