// Deletes what has been kept long enough: migration 0002 says what, and for how long.
import type { AppContext } from "#app/context";
import { sql } from "#lib/sql";

const BATCH = 1_000;

export async function purge({ database }: AppContext): Promise<void> {
  let most: number;
  do {
    most = await database.transaction(async (tx) => {
      const [row] = await tx.query<{ most: number }>(
        sql`SELECT app.purge_expired(${BATCH}) AS most`,
      );
      return row?.most ?? 0;
    });
  } while (most >= BATCH);
}
