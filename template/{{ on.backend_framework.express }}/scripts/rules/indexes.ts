// R2: what is joined, filtered, sorted or compared by a policy is found through an index.
import { type Catalogue, type ForeignKey, type Index, TENANT } from "#scripts/rules/catalogue";
import { type Reached, reached, unsupported } from "#scripts/rules/plans";
import { count, type Verdict, verdict } from "#scripts/rules/verdict";
import type { World } from "#scripts/rules/world";

/** How one statement of a route reaches the rows of a table. */
interface Access extends Reached {
  readonly route: string;
}

export async function check(world: World): Promise<Verdict> {
  const { catalogue } = world;
  const { functions, failures } = await unsupported(catalogue);
  const found = await accessesOf(world);
  const columns = new Set(
    found.flatMap(({ table, filtered, sorted }) =>
      [...filtered, ...sorted].map((name) => `${table}.${name}`),
    ),
  );
  return verdict(
    `${count(catalogue.foreignKeys.length, "foreign key")},` +
      ` ${count(catalogue.policyColumns.length, "column")} in policies,` +
      ` ${count(columns.size, "filtered or sorted column")}`,
    `${count(found.length, "statement")} of routes, ${count(functions, "SQL function")},` +
      ` ${count(catalogue.indexes.length, "index")} in the live catalogue`,
    [
      ...foreignKeys(catalogue),
      ...policies(catalogue),
      ...failures,
      ...found.flatMap((access) => [...missing(access, catalogue)]),
    ],
  );
}

/** Takes every read with each of its filters, and looks at the statements that this leads to. */
async function accessesOf({ service, many, catalogue }: World): Promise<Access[]> {
  const found = new Map<string, Access>();
  for (const endpoint of service.endpoints) {
    if (!endpoint.isApi) continue;
    const queries: Record<string, unknown>[] = [{}];
    for (const { name, schema } of endpoint.method === "GET" ? endpoint.query : []) {
      queries.push({ [name]: await many.examples.of(schema) });
    }
    for (const query of queries) {
      const { statements } = await service.call(endpoint, many, { query });
      for (const statement of new Set(statements)) {
        for (const one of await reached(catalogue, statement)) {
          found.set(JSON.stringify([one, endpoint.name]), { ...one, route: endpoint.name });
        }
      }
    }
  }
  return [...found.values()];
}

function* missing(access: Access, catalogue: Catalogue): Generator<string> {
  const { table, filtered, sorted, route } = access;
  const bound = catalogue.policyColumns.filter((column) => column.table === table);
  const free = new Set([...filtered, ...bound.map(({ name }) => name)]);
  const fitting = catalogue.indexesOf(table).filter((index) => serves(index, access, free));
  const others = filtered.filter((name) => name !== TENANT).sort();
  const wanted = [TENANT, ...others, ...sorted].join(", ");
  if (fitting.length === 0) {
    yield `${table}: ${route} finds no index that fits ${described(access)}: add one on (${wanted})`;
    return;
  }
  for (const name of filtered) {
    const served = fitting.some(
      (index) => index.predicateColumns.includes(name) || leading(index, free).includes(name),
    );
    if (!served) {
      yield (
        `${table}.${name}: ${route} filters by it, and no index that fits` +
        ` ${described(access)} holds it: add one on (${wanted})`
      );
    }
  }
}

/** Its keys are columns that the statement or a policy fixes, then the order wanted. */
function serves(index: Index, { filtered, sorted }: Access, free: ReadonlySet<string>): boolean {
  if (!index.predicateColumns.every((name) => filtered.includes(name))) return false;
  const fixed = new Set([...free].filter((name) => !sorted.includes(name)));
  const rest = index.keys.slice(leading(index, fixed).length);
  return sorted.every((name, at) => rest[at] === name);
}

function leading(index: Index, free: ReadonlySet<string>): string[] {
  const end = index.keys.findIndex((key) => !free.has(key));
  return end === -1 ? index.keys : index.keys.slice(0, end);
}

function described({ filtered, sorted }: Access): string {
  const parts = [
    filtered.length > 0 && `WHERE ${[...filtered].sort().join(", ")}`,
    sorted.length > 0 && `ORDER BY ${sorted.join(", ")}`,
  ];
  return parts.filter((part) => part !== false).join(" ");
}

function* foreignKeys(catalogue: Catalogue): Generator<string> {
  for (const key of catalogue.foreignKeys) {
    if (!catalogue.indexesOf(key.table).some((index) => covers(index, key))) {
      yield (
        `${key.table}: the foreign key (${key.columns.join(", ")}) to ${key.target} is not led` +
        " by an index: add one on these columns"
      );
    }
  }
}

function covers(index: Index, { columns }: ForeignKey): boolean {
  const onlyNulls = columns.map((column) => `(${column} IS NOT NULL)`);
  if (index.predicate !== null && !onlyNulls.includes(index.predicate)) return false;
  const own = columns.filter((name) => name !== TENANT);
  return columns.some((_, at) => {
    const head = index.keys.slice(0, at + 1);
    return head.every((key) => columns.includes(key)) && own.every((name) => head.includes(name));
  });
}

function* policies(catalogue: Catalogue): Generator<string> {
  for (const { table, name } of catalogue.policyColumns) {
    const led = catalogue
      .indexesOf(table)
      .some(({ keys, predicate }) => keys[0] === name && predicate === null);
    if (!led) {
      yield (
        `${table}.${name}: a row-level security policy compares it, and no index begins with` +
        " it: add one"
      );
    }
  }
}
