// Serves a declared route: credentials, limit and strict input come before every handler, and one
// transaction surrounds it that is committed before the answer leaves.
import type { Request, RequestHandler } from "express";

import type { AppContext } from "#app/context";
import { authorise, type Claim, identify, readCredentials, refuseUnknown } from "#lib/access";
import type { Transaction } from "#lib/database";
import { ApiError, BadRequest, GatewayTimeout, NotFound } from "#lib/errors";
import { readIdempotencyKey, runOnce } from "#lib/idempotency";
import { parseJson, receiveBody, requireJson } from "#lib/json-body";
import { currentContext } from "#lib/request-context";
import { Page, Reply } from "#lib/responses";
import type { Answer, RequestScope, Route } from "#lib/route";
import { isUuid, parse } from "#lib/schema";
import { send } from "#lib/send";
import type { Principal } from "#lib/tenancy";

type Scope = RequestScope<unknown, unknown>;
/** What has arrived of a body: nothing when the route takes none. */
type Received = Buffer | ApiError | undefined;

export function serve(route: Route, context: AppContext): RequestHandler {
  return async (request, response) => {
    const { maxPayloadBytes: maxBytes, requestTimeoutMs: timeoutMs } = context.settings;
    // Awaited first, because slow senders must not hold the database's connections; judged in its
    // turn.
    const received =
      route.body === undefined
        ? undefined
        : await receiveBody(request, response, { maxBytes, timeoutMs });
    const reply = await inTime(timeoutMs, (expired) =>
      answer(route, context, request, received, expired),
    );
    send(response, reply);
  };
}

async function answer(
  route: Route,
  context: AppContext,
  request: Request,
  received: Received,
  expired: () => boolean,
): Promise<Reply> {
  if (route.access.exempt) return replyOf(route, await route.handler(scopeOf(request, context)));
  if (route.access.anonymous) {
    await context.limiter.hitAddress(request);
    const scope = { ...scopeOf(request, context), ...inputOf(route, request, received) };
    if (!route.transaction) return replyOf(route, await route.handler(scope));
    return context.database.transaction(async (tx) =>
      unless(expired, replyOf(route, await route.handler({ ...scope, tx }))),
    );
  }
  return answerKnown(route, context, request, received, expired);
}

async function answerKnown(
  route: Route,
  context: AppContext,
  request: Request,
  received: Received,
  expired: () => boolean,
): Promise<Reply> {
  const progress = { counted: false };
  const enter = async (tx: Transaction, known: Claim) => {
    const { caller, outcome } = await identify(request, tx, known);
    progress.counted = true;
    await context.limiter.hitCaller(caller);
    if (outcome instanceof ApiError) throw outcome;
    authorise(outcome, route.access);
    return outcome;
  };
  const run = async (caller: Principal, tx?: Transaction) => {
    const input = inputOf(route, request, received);
    const scope = { ...scopeOf(request, context), ...input, caller, ...(tx && { tx }) } as Scope;
    if (route.idempotent === true) return once(route, scope);
    return unless(expired, replyOf(route, await route.handler(scope)));
  };
  let claim: Claim | undefined;
  try {
    const known = await readCredentials(request, context);
    claim = known;
    if (route.transaction) {
      return await context.database.transaction(async (tx) => run(await enter(tx, known), tx));
    }
    return await run(await context.database.transaction((tx) => enter(tx, known)));
  } catch (error) {
    throw progress.counted ? error : await refuseUnknown(request, context, claim, error);
  }
}

/** The first answer of a request, given again to its repetitions. */
async function once(route: Route, scope: Scope): Promise<Reply> {
  const key = readIdempotencyKey(scope.request);
  const act = async () => replyOf(route, await route.handler(scope));
  return key === undefined ? act() : runOnce(scope, { route: route.path, key }, act);
}

function scopeOf(request: Request, context: AppContext): Scope {
  return {
    request,
    context,
    params: request.params as Scope["params"],
    requestId: currentContext()?.requestId ?? "",
  } as Scope;
}

/** Throws what is wrong with the request, in the order of the contract. */
function inputOf(
  route: Route,
  request: Request,
  received: Received,
): { query: unknown; body: unknown } {
  // From the first question mark on, which URLSearchParams drops: a second one is part of a name.
  const start = request.url.indexOf("?");
  const search = start === -1 ? "" : request.url.slice(start);
  const query = Object.fromEntries(new URLSearchParams(search));
  const known = route.query?.json.properties ?? {};
  const unknown = Object.keys(query).filter((name) => !Object.hasOwn(known, name));
  if (unknown.length > 0) {
    const message = "Unknown query parameter";
    throw new BadRequest(
      undefined,
      unknown.sort().map((path) => ({ path, message })),
    );
  }
  if (received instanceof ApiError) throw received;
  let json: unknown;
  if (received !== undefined && received.length > 0) {
    requireJson(request);
    json = parseJson(received);
  }
  const { id } = request.params;
  if (id !== undefined && !isUuid(id)) throw new NotFound();
  return {
    query: route.query && parse(route.query, query),
    body: route.body && parse(route.body, json),
  };
}

function replyOf(route: Route, result: Answer): Reply {
  if (result instanceof Reply) return result;
  const status = route.status ?? (route.returns === undefined ? 204 : 200);
  if (status === 204) return new Reply(status, undefined);
  if (result instanceof Page) {
    return new Reply(status, { success: true, data: result.data, nextCursor: result.nextCursor });
  }
  return new Reply(status, route.bare === true ? result : { success: true, data: result });
}

/** Rolls back what has come too late: its caller has been told so. */
function unless(expired: () => boolean, reply: Reply): Reply {
  if (expired()) throw new GatewayTimeout();
  return reply;
}

/**
 * Answers 504 in time. The work is not cut off, for its transaction must not be given to another
 * while a statement of it is on its way: each has a time-out of its own, and then it is rolled back.
 */
async function inTime(
  ms: number,
  work: (expired: () => boolean) => Promise<Reply>,
): Promise<Reply> {
  let late = false;
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      late = true;
      reject(new GatewayTimeout());
    }, ms);
  });
  try {
    return await Promise.race([work(() => late), deadline]);
  } finally {
    clearTimeout(timer);
  }
}
