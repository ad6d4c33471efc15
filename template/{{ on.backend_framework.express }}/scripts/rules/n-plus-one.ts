// R1: how much a read asks of the database does not depend on how many rows it shows.
import type { Endpoint } from "#scripts/rules/endpoints";
import type { Answer, Tenant } from "#scripts/rules/service";
import { count, type Verdict, verdict } from "#scripts/rules/verdict";
import { FEW, MANY, type World } from "#scripts/rules/world";

// Who calls, and the rows.
const MOST_FOR_A_LIST = 2;
const SHOWN = 80;

export async function check(world: World): Promise<Verdict> {
  const failures: string[] = [];
  let lists = 0;
  let others = 0;
  let most = 0;
  for (const endpoint of world.service.endpoints) {
    if (endpoint.method !== "GET" || !endpoint.isApi) continue;
    const few = await read(world, endpoint, world.few, FEW);
    const many = await read(world, endpoint, world.many, MANY);
    if (many.rows === undefined) others += 1;
    else {
      lists += 1;
      most = Math.max(most, many.statements.length);
    }
    failures.push(...judge(endpoint, few, many), ...(await withOptions(world, endpoint)));
  }
  return verdict(
    `${count(lists, "list")} and ${count(others, "other read")} at ${FEW} and ${MANY} rows`,
    `${count(most, "statement")} at most for a list`,
    failures,
  );
}

/** What a read does only when a parameter asks for it. */
async function withOptions(world: World, endpoint: Endpoint): Promise<string[]> {
  const failures: string[] = [];
  for (const { name, schema, required } of endpoint.query) {
    if (["limit", "cursor"].includes(name) || required) continue;
    const asked = { [name]: await world.many.examples.of(schema) };
    const few = await read(world, endpoint, world.few, FEW, asked);
    const many = await read(world, endpoint, world.many, MANY, asked);
    if (few.status === 200 && many.status === 200) {
      failures.push(...growing(`${endpoint.name} with ${name}`, few, many));
    }
  }
  return failures;
}

async function read(
  world: World,
  endpoint: Endpoint,
  tenant: Tenant,
  rows: number,
  asked: Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  const query = { ...(hasLimit(endpoint) && { limit: rows }), ...asked };
  return world.service.call(endpoint, tenant, { query });
}

function* judge(endpoint: Endpoint, few: Answer, many: Answer): Generator<string> {
  if (few.status !== 200 || many.status !== 200) {
    yield (
      `${endpoint.name}: answered ${few.status} and ${many.status} and could not be measured:` +
      " make it answer an owner of the account"
    );
    return;
  }
  if (many.rows === undefined) {
    yield* growing(endpoint.name, few, many);
    return;
  }
  if (tooFew(endpoint, few, many)) {
    yield (
      `${endpoint.name}: showed ${few.rows?.length ?? 0} and ${many.rows.length} rows instead of` +
      ` ${FEW} and ${MANY} and could not be measured: give it a POST route or rows in` +
      " scripts/rules/rows.ts"
    );
  }
  const found = [...growing(endpoint.name, few, many)];
  yield* found;
  if (found.length === 0 && many.statements.length > MOST_FOR_A_LIST) {
    yield (
      `${endpoint.name}: ${many.statements.length} statements: join what it needs into one, next` +
      ` to the one that finds the caller; the last was ${short(many.statements.at(-1) ?? "")}`
    );
  }
}

/** A search finds none for a made-up text; a list without pages may be a summary of groups. */
function tooFew(endpoint: Endpoint, few: Answer, many: Answer): boolean {
  if (endpoint.query.some(({ required }) => required)) return false;
  const least = hasLimit(endpoint) ? MANY : 1;
  return (few.rows?.length ?? 0) === 0 || (many.rows?.length ?? 0) < least;
}

function* growing(occasion: string, few: Answer, many: Answer): Generator<string> {
  if (few.statements.length === many.statements.length) return;
  const times = new Map<string, number>();
  for (const text of many.statements) times.set(text, (times.get(text) ?? 0) + 1);
  const [repeated = ""] = [...times].sort(([, a], [, b]) => b - a)[0] ?? [];
  yield (
    `${occasion}: ${count(few.statements.length, "statement")} for ${FEW} rows but` +
    ` ${many.statements.length} for ${MANY}: load what belongs to the rows together with them,` +
    ` instead of repeating ${short(repeated)}`
  );
}

function hasLimit({ query }: Endpoint): boolean {
  return query.some(({ name }) => name === "limit");
}

function short(statement: string): string {
  const flat = statement.split(/\s+/).join(" ").trim();
  return flat.length > SHOWN ? `\`${flat.slice(0, SHOWN)}…\`` : `\`${flat}\``;
}
