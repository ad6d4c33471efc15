// R7: whatever fails, callers get the contract's error, and nothing is swallowed.
import type { Endpoint } from "#scripts/rules/endpoints";
import { ORM } from "#scripts/rules/project";
import type { Answer } from "#scripts/rules/service";
import { type Fault, FAULTS, MARKER, statements } from "#scripts/rules/statements";
import * as swallowed from "#scripts/rules/swallowed";
import { count, type Verdict, verdict } from "#scripts/rules/verdict";
import type { World } from "#scripts/rules/world";

const NOWHERE = "127.0.0.1:1";
const NO_DATABASE = { databaseUrl: `postgresql://app@${NOWHERE}/none`, dbTimeoutMs: 1_000 };
const NO_REDIS = { redisUrl: `redis://${NOWHERE}` };
const MOST_STATEMENTS = 20;
const ANSWERS = new Set([500, 503, 504]);
// Words of a stack, of SQL and of the libraries underneath.
const INNARDS = ["    at ", "node_modules", "SELECT ", "INSERT ", ORM, "redis", MARKER];

export async function check(world: World): Promise<Verdict> {
  const api = world.service.endpoints.filter(({ exempt }) => !exempt);
  const failures = [...swallowed.errors()];
  let injected = 0;
  for (const fault of FAULTS) {
    for (const endpoint of api) {
      const outcome = await inject(world, endpoint, fault);
      failures.push(...outcome.failures);
      injected += outcome.injected;
    }
  }
  for (const [missing, changes] of [
    ["database", NO_DATABASE],
    ["Redis", NO_REDIS],
  ] as const) {
    await world.serving(changes, async (lame) => {
      for (const endpoint of api) {
        const answer = await lame.call(endpoint, world.many);
        injected += 1;
        failures.push(...judge(endpoint, `without ${missing}`, answer));
      }
    });
  }
  return verdict(
    `${count(api.length, "route")}, ${count(swallowed.handlers(), "catch clause")}`,
    `${count(injected, "injected failure")} answered with the contract's error`,
    failures,
  );
}

/** Lets each statement of the route meet the fault, one after the other, while that goes well. */
async function inject(
  { service, many }: World,
  endpoint: Endpoint,
  fault: Fault,
): Promise<{ failures: string[]; injected: number }> {
  let injected = 0;
  for (let at = 1; at < MOST_STATEMENTS; at += 1) {
    const answer = await statements.failing(fault, at, () => service.call(endpoint, many));
    if (!statements.reached) break;
    if (!statements.met) continue;
    injected += 1;
    const occasion = `${fault.name} in statement ${at}`;
    const failures = [...judge(endpoint, occasion, answer)];
    if (answer.status !== fault.status) {
      failures.push(
        `${endpoint.name}: ${occasion} was answered with ${answer.status} instead of ${fault.status}:` +
          " let the error pass to the middleware",
      );
    }
    if (failures.length > 0) return { failures, injected };
  }
  return { failures: [], injected };
}

/** An answer to a failure has the contract's form; one in spite of it is the route's own. */
function* judge(endpoint: Endpoint, occasion: string, answer: Answer): Generator<string> {
  const where = `${endpoint.name}: ${occasion}`;
  if (answer.status < 400) return;
  if (answer.status >= 500 && !ANSWERS.has(answer.status)) {
    yield `${where} was answered with ${answer.status}: throw an ApiError of the catalogue`;
  }
  const content = answer.content ?? {};
  const fields = Object.keys(content).filter((name) => name !== "details");
  if (fields.sort().join() !== "error,requestId") {
    yield `${where} was answered with another body than {error, requestId}: throw an ApiError`;
  } else if (content.requestId !== answer.headers.get("X-Request-Id")) {
    yield `${where}: requestId and X-Request-Id differ: answer with refusal(…)`;
  }
  const shown = INNARDS.find((word) => answer.text.includes(word));
  if (shown !== undefined) {
    yield `${where} shows '${shown}' to callers: let the middleware answer what is unexpected`;
  }
}
