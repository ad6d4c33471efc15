// R5: every route refuses a caller who has used up a limit.
import { type Endpoint, EXEMPT } from "#scripts/rules/endpoints";
import type { Answer, Service, Tenant } from "#scripts/rules/service";
import { count, type Verdict, verdict } from "#scripts/rules/verdict";
import type { World } from "#scripts/rules/world";

const HEADERS = ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"];
const NO_PLACE_LEFT = {
  rateLimitPublicPerMinute: 1,
  rateLimitAuthenticatedPerMinute: 1,
  rateLimitLoginPerMinute: 1,
};
const UNDECLARED =
  "declare it with route(…) and list it in allRoutes(); only" +
  ` ${[...EXEMPT].sort().join(", ")} are exempt`;
// The first use takes the only place; the minute may turn once in between.
const USES = 3;

export async function check(world: World): Promise<Verdict> {
  const failures: string[] = [];
  const limited = world.service.endpoints.filter(({ exempt }) => !exempt);
  await world.serving(NO_PLACE_LEFT, async (strict) => {
    for (const endpoint of limited) {
      const before = await world.service.call(endpoint, world.few);
      const after = await usedUp(strict, endpoint, world.few);
      const missing = [...headers(endpoint, before)];
      failures.push(...(missing.length > 0 ? missing : refusal(endpoint, after)));
    }
  });
  const exempt = world.service.endpoints.filter((one) => one.exempt).map(({ path }) => path);
  return verdict(
    `${count(limited.length, "route")}, before and after the caller's limit is used up`,
    `429 with ${HEADERS[0] ?? ""} on each; exempt: ${exempt.join(", ")}`,
    failures,
  );
}

async function usedUp(service: Service, endpoint: Endpoint, tenant: Tenant): Promise<Answer> {
  let answer = await service.call(endpoint, tenant);
  for (let use = 1; use < USES && answer.status !== 429; use += 1) {
    answer = await service.call(endpoint, tenant);
  }
  return answer;
}

function* headers(endpoint: Endpoint, answer: Answer): Generator<string> {
  const missing = HEADERS.filter((name) => !answer.headers.has(name));
  if (missing.length === 0) return;
  yield (
    `${endpoint.name}: is not limited, it answered ${answer.status} without ${missing.join(", ")}:` +
    ` ${endpoint.route === undefined ? UNDECLARED : "let its access count the caller"}`
  );
}

function* refusal(endpoint: Endpoint, answer: Answer): Generator<string> {
  if (answer.status !== 429) {
    yield (
      `${endpoint.name}: answered ${answer.status} instead of 429 to a caller without places left:` +
      " let its access count the caller"
    );
  } else if (!answer.headers.has("Retry-After")) {
    yield `${endpoint.name}: its 429 has no Retry-After: throw TooManyRequests`;
  }
}
