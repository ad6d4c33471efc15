// Fills the lists of an account: first through the routes, then by copying rows in the database.
import { type Catalogue, type Index, TENANT } from "#scripts/rules/catalogue";
import type { Service, Tenant } from "#scripts/rules/service";

const ROUNDS = 3;
// Far from the values that examples have.
const FAR = 1_000_000;

const COPIES: Readonly<Record<string, (column: string) => string>> = {
  uuid: () => "gen_random_uuid()",
  text: (column) => `${column} || '-' || n`,
  "character varying": (column) => `${column} || '-' || n`,
  integer: (column) => `${column} + n`,
  bigint: (column) => `${column} + n`,
  numeric: (column) => `${column} + n`,
  "timestamp with time zone": (column) => `${column} + n * interval '1 second'`,
  date: (column) => `${column} + n::integer`,
};

/** Calls what creates rows, more than once: some need a row that another has to create first. */
export async function create(service: Service, tenant: Tenant): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const endpoint of service.endpoints) {
      if (["POST", "PUT"].includes(endpoint.method) && endpoint.isApi) {
        await service.call(endpoint, tenant);
      }
    }
  }
}

/** Copies a row of every table of the account until there are enough. */
export async function multiply(
  catalogue: Catalogue,
  { accountId }: Tenant,
  wanted: number,
): Promise<void> {
  for (const table of catalogue.tables) {
    const columns = catalogue.columnsOf(table);
    const varied = variedIn(catalogue, table);
    if (!catalogue.hasTenant(table) || varied === undefined) continue;
    const [present] = await catalogue.rows<{ number: number }>(
      `SELECT count(*)::integer AS number FROM ${table} WHERE ${TENANT} = $1`,
      accountId,
    );
    const names = columns.map(({ name }) => `"${name}"`).join(", ");
    const values = columns.map(({ name, type }) =>
      varied.has(name) ? COPIES[type]?.(`"${name}"`) : `"${name}"`,
    );
    // The names come from the catalogue of this very database.
    await catalogue.rows(
      `INSERT INTO ${table} (${names}) SELECT ${values.join(", ")}
       FROM (SELECT * FROM ${table} WHERE ${TENANT} = $1 LIMIT 1) AS example,
         generate_series(${FAR} + 1, ${FAR} + $2::integer) AS n`,
      accountId,
      Math.max(0, wanted - (present?.number ?? 0)),
    );
  }
}

/** One column of each unique index that copies must differ in; nothing if an index has none. */
function variedIn(catalogue: Catalogue, table: string): Set<string> | undefined {
  const references = new Set(
    catalogue.foreignKeys.filter((key) => key.table === table).flatMap(({ columns }) => columns),
  );
  const types = new Map(catalogue.columnsOf(table).map(({ name, type }) => [name, type]));
  const lastOf = ({ keys }: Index) =>
    keys.findLast((name) => (types.get(name) ?? "") in COPIES && !references.has(name));
  const chosen = catalogue
    .indexesOf(table)
    .filter(({ unique }) => unique)
    .map((index) => lastOf(index));
  return chosen.includes(undefined)
    ? undefined
    : new Set(chosen.filter((one) => one !== undefined));
}
