// Row-level security binds neither owners nor superusers, so the service refuses to run as one.
import type { AppContext } from "#app/context";
import { SettingsError } from "#app/settings";
import { ApiError } from "#lib/errors";
import { sql } from "#lib/sql";

const STATEMENT = sql`
  SELECT current_user AS name,
         rolsuper OR rolbypassrls OR EXISTS (
           SELECT FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user
         ) AS above_policies
  FROM pg_roles WHERE rolname = current_user`;

interface Role {
  name: string;
  above_policies: boolean;
}

/** Throws SettingsError when DATABASE_URL names a role that row-level security does not bind. */
export async function refuseOwner({ database, log }: AppContext): Promise<void> {
  let role: Role | undefined;
  try {
    [role] = await database.transaction((tx) => tx.query<Role>(STATEMENT));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    log.warn("database away at start, its role is not checked");
    return;
  }
  if (role?.above_policies !== true) return;
  throw new SettingsError([
    `DATABASE_URL: the role '${role.name}' owns tables or bypasses row-level security;` +
      " name an application role and put the owner into MIGRATION_DATABASE_URL",
  ]);
}
