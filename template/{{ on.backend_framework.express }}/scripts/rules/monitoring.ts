// R9: every route leaves one log line and counts itself, under its own pattern.
import { registry } from "#lib/metrics";
import type { Endpoint } from "#scripts/rules/endpoints";
import { requestLines } from "#scripts/rules/log";
import type { Answer } from "#scripts/rules/service";
import { count, type Verdict, verdict } from "#scripts/rules/verdict";
import type { World } from "#scripts/rules/world";

const FACTS = [
  "timestamp",
  "level",
  "message",
  "requestId",
  "method",
  "route",
  "status",
  "durationMs",
];
const COUNTERS = ["http_requests_total", "http_request_duration_seconds_count"];

export async function check(world: World): Promise<Verdict> {
  const failures: string[] = [];
  const { endpoints } = world.service;
  for (const endpoint of endpoints) failures.push(...(await judge(world, endpoint)));
  return verdict(
    `${count(endpoints.length, "route")}: log line, counter, histogram`,
    `${count(endpoints.length, "line")} of ${FACTS.length} facts,` +
      ` ${count(COUNTERS.length * endpoints.length, "increment")}`,
    failures,
  );
}

async function judge({ service, few }: World, endpoint: Endpoint): Promise<string[]> {
  const before = await countsOf(endpoint);
  const answer = await service.call(endpoint, few);
  // A route that nobody declared, nor limits, is R5's to name.
  const declared = endpoint.exempt || endpoint.route !== undefined;
  if (!declared && !answer.headers.has("X-RateLimit-Limit")) return [];
  const after = await countsOf(endpoint);
  const failures = [...logLine(endpoint, answer)];
  COUNTERS.forEach((name, at) => {
    const increment = (after[at] ?? 0) - (before[at] ?? 0);
    if (increment === 1) return;
    failures.push(
      `${endpoint.name}: ${name} of its pattern grew by ${increment} instead of 1: list it in` +
        " allRoutes(), so that the middleware knows it",
    );
  });
  return failures;
}

/** Over all statuses. */
async function countsOf({ method, path }: Endpoint): Promise<number[]> {
  const counts = COUNTERS.map(() => 0);
  for (const line of (await registry.metrics()).split("\n")) {
    const [, name = "", labels = "", value] = /^(\w+){(.*)} (\S+)$/.exec(line) ?? [];
    const at = COUNTERS.indexOf(name);
    const its = labels.includes(`method="${method}"`) && labels.includes(`route="${path}"`);
    if (at >= 0 && its) counts[at] = (counts[at] ?? 0) + Number(value);
  }
  return counts;
}

function* logLine(endpoint: Endpoint, { log, status }: Answer): Generator<string> {
  const [line, ...more] = requestLines(log);
  if (line === undefined || more.length > 0) {
    const number = line === undefined ? 0 : 1 + more.length;
    yield `${endpoint.name}: left ${number} log lines instead of 1: let the middleware see it`;
    return;
  }
  const missing = FACTS.filter((name) => !(name in line));
  if (missing.length > 0) {
    yield `${endpoint.name}: its log line lacks ${missing.join(", ")}: log it in the middleware`;
  }
  const told = [line.method, line.route, line.status].map(String).join(" ");
  if (told !== `${endpoint.method} ${endpoint.path} ${status}`) {
    yield (
      `${endpoint.name}: its log line tells of ${told} instead: list it in allRoutes(), so that` +
      " the middleware knows it"
    );
  }
}
