// Half of R2: how SQL reaches its rows, that of routes and of the database's functions.
import pg from "pg";

import type { Catalogue } from "#scripts/rules/catalogue";

const FUNCTIONS = `
  SELECT p.proname::text AS name, p.prosrc AS body,
    coalesce(p.proargnames, '{}') AS parameters,
    ARRAY(SELECT t::regtype::text FROM unnest(p.proargtypes::oid[]) AS t) AS types
  FROM pg_proc AS p
  JOIN pg_language AS l ON l.oid = p.prolang AND l.lanname = 'sql'
  JOIN pg_namespace AS n ON n.oid = p.pronamespace
  WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
    -- One statement can be explained, a sequence of them cannot.
    AND strpos(rtrim(p.prosrc, E'; \\n\\t'), ';') = 0
  ORDER BY 1`;
// Without these the planner shows what it would do on tables of any size.
const SHORT_CUTS = ["enable_seqscan", "enable_bitmapscan", "enable_sort"];
const SCANS = new Set(["Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan"]);
const CONDITIONS = ["Filter", "Index Cond", "Recheck Cond"] as const;
const GROUPING = new Set(["Aggregate", "Group", "Unique", "WindowAgg", "SetOp", "Merge Join"]);

interface Plan {
  "Node Type": string;
  Plans?: Plan[];
  "Relation Name"?: string;
  "Index Name"?: string;
  "Sort Key"?: string[];
  Filter?: string;
  "Index Cond"?: string;
  "Recheck Cond"?: string;
}

interface SqlFunction {
  name: string;
  body: string;
  parameters: string[];
  types: string[];
}

export interface Reached {
  readonly table: string;
  readonly filtered: readonly string[];
  readonly sorted: readonly string[];
}

/**
 * The tables whose rows a statement looks for, with the columns that it filters and sorts by. The
 * planner reads the SQL for us; which index it takes on so few rows means nothing.
 */
export async function reached(catalogue: Catalogue, statement: string): Promise<Reached[]> {
  const most = Math.max(0, ...[...statement.matchAll(/\$(\d+)/g)].map(([, n]) => Number(n)));
  const given = most > 0 ? `(${Array(most).fill("NULL").join(", ")})` : "";
  try {
    await catalogue.rows(`PREPARE reached AS ${statement}`);
  } catch (error) {
    // SET, LOCK and the like have no plan.
    if (error instanceof pg.DatabaseError) return [];
    throw error;
  }
  // Or else the planner would see that nothing equals NULL.
  await catalogue.rows("SET plan_cache_mode = force_generic_plan");
  const plan = await explain(catalogue, `EXECUTE reached${given}`);
  await catalogue.rows("DEALLOCATE reached");
  return [...reachedBy({ "Node Type": "Result", Plans: [plan] }, catalogue, [])];
}

async function explain(catalogue: Catalogue, statement: string): Promise<Plan> {
  const [row] = await catalogue.rows<{ "QUERY PLAN": [{ Plan: Plan }] }>(
    `EXPLAIN (FORMAT JSON) ${statement}`,
  );
  if (row === undefined) throw new Error("There is no plan");
  return row["QUERY PLAN"][0].Plan;
}

function* reachedBy(plan: Plan, catalogue: Catalogue, order: string[]): Generator<Reached> {
  const kind = plan["Node Type"];
  const table = plan["Relation Name"];
  if (SCANS.has(kind) && table !== undefined) {
    // Ordinary indexes serve no search within an array or a document.
    const columns = catalogue.columnsOf(table).filter(({ type }) => !/(\[\]|jsonb?)$/.test(type));
    const known = new Set(columns.map(({ name }) => name));
    const wordsOf = (text: string) => (text.match(/\w+/g) ?? []).filter((word) => known.has(word));
    const conditions = CONDITIONS.map((name) => plan[name] ?? "").join(" ");
    const sorted = order.flatMap(wordsOf);
    const filtered = new Set([
      ...wordsOf(conditions.replaceAll(/'[^']*'/g, "")),
      ...impliedBy(plan, catalogue),
    ]);
    if (filtered.size > 0 || sorted.length > 0) {
      yield { table, filtered: [...filtered].filter((name) => !sorted.includes(name)), sorted };
    }
  }
  for (const below of plan.Plans ?? []) {
    // Sorting that only serves to group or to join was not asked for.
    const asked = below["Node Type"] === "Sort" && !GROUPING.has(kind);
    yield* reachedBy(below, catalogue, asked ? (below["Sort Key"] ?? []) : order);
  }
}

/** What the statement asks for and a partial index holds goes without saying in the plan. */
function impliedBy(plan: Plan, catalogue: Catalogue): string[] {
  const used = [plan, ...(plan.Plans ?? [])].map((one) => one["Index Name"]);
  const indexes = catalogue.indexes.filter(({ name }) => used.includes(name));
  return indexes.flatMap(({ predicateColumns }) => predicateColumns);
}

/** How many functions were looked at, and what none of their indexes supports. */
export async function unsupported(
  catalogue: Catalogue,
): Promise<{ functions: number; failures: string[] }> {
  for (const name of SHORT_CUTS) await catalogue.rows(`SET ${name} = off`);
  const functions = await catalogue.rows<SqlFunction>(FUNCTIONS);
  const failures: string[] = [];
  for (const one of functions) {
    for (const complaint of complaints(await explain(catalogue, withValues(one)))) {
      failures.push(`${one.name}(): ${complaint}: add an index for it`);
    }
  }
  for (const name of SHORT_CUTS) await catalogue.rows(`RESET ${name}`);
  return { functions: functions.length, failures };
}

/** Its body with something in place of each parameter that the planner cannot see through. */
function withValues({ body, parameters, types }: SqlFunction): string {
  return types.reduce((text, type, at) => {
    const name = parameters[at];
    if (name === undefined) return text;
    const value = `current_setting('rules.none', true)::${type}`;
    return text.replaceAll(new RegExp(`\\b${name}\\b`, "g"), value);
  }, body);
}

function* complaints(plan: Plan): Generator<string> {
  const table = plan["Relation Name"] ?? "";
  const [below] = plan.Plans ?? [];
  if (SCANS.has(plan["Node Type"]) && plan.Filter !== undefined && !hasCondition(plan)) {
    yield `finds ${table} by ${plan.Filter} without an index`;
  }
  if (plan["Node Type"] === "Sort" && below !== undefined && SCANS.has(below["Node Type"])) {
    const keys = (plan["Sort Key"] ?? []).join(", ");
    yield `sorts ${below["Relation Name"] ?? ""} by ${keys} without an index`;
  }
  for (const inner of plan.Plans ?? []) yield* complaints(inner);
}

function hasCondition(plan: Plan): boolean {
  return "Index Cond" in plan || (plan.Plans ?? []).some(hasCondition);
}
