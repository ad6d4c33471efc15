// Who may call a route: each declares it, and is served only to those who may.
import type { Request } from "express";

import { readClaim } from "#app/auth/credentials";
import type { AppContext } from "#app/context";
import type { Transaction } from "#lib/database";
import { ApiError, BadRequest, Forbidden, TooManyRequests, Unauthorized } from "#lib/errors";
import { currentContext } from "#lib/request-context";
import type { Access } from "#lib/route";
import { isUuid } from "#lib/schema";
import { enterAsUser, enterWithSdkKey, type Principal } from "#lib/tenancy";

/** What the credentials say, before the database is asked whether it still holds. */
export type Claim = { userId: string } | { keyHash: string };

/** Credentials that hold: whom to count the request against, and where they lead. */
interface Identity {
  caller: string;
  outcome: Principal | ApiError;
}

/** Throws Unauthorized or BadRequest when there is nobody to count the request against. */
export async function readCredentials(request: Request, context: AppContext): Promise<Claim> {
  const { authorization, "x-api-key": key } = request.headers;
  if (authorization !== undefined && key !== undefined) {
    throw new BadRequest("Send either a bearer token or an SDK key, not both");
  }
  if (authorization === undefined && key === undefined) throw new Unauthorized();
  return readClaim(request, context.tokens);
}

/** Binds the transaction to the caller's account. Throws Unauthorized when there is no caller. */
export async function identify(request: Request, tx: Transaction, claim: Claim): Promise<Identity> {
  const identity =
    "userId" in claim
      ? await identifyUser(request, tx, claim.userId)
      : await identifySdkKey(request, tx, claim.keyHash);
  const context = currentContext();
  if (context !== undefined) {
    if ("userId" in claim) context.userId = claim.userId;
    if (!(identity.outcome instanceof ApiError)) context.accountId = identity.outcome.accountId;
  }
  return identity;
}

export function authorise(principal: Principal, access: Access): void {
  if (principal.userId === null && !access.sdkKey) {
    throw new Forbidden("SDK keys are not accepted here");
  }
  if (access.role !== undefined && principal.role !== access.role) {
    throw new Forbidden(`Only an ${access.role} may do this`);
  }
}

/** Counts a request that no route answers: against its caller, if there is a known one. */
export async function countUnrouted(request: Request, context: AppContext): Promise<void> {
  let caller: string | undefined;
  try {
    const claim = await readCredentials(request, context);
    const identity = await context.database.transaction((tx) => identify(request, tx, claim));
    caller = identity.caller;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
  await (caller === undefined
    ? context.limiter.hitAddress(request)
    : context.limiter.hitCaller(caller));
}

/**
 * The refusal of a request whose caller was not found, unless there is no place left. It counts
 * against the address; a token that holds is its user's, also while the database cannot be asked.
 */
export async function refuseUnknown(
  request: Request,
  context: AppContext,
  claim: Claim | undefined,
  reason: unknown,
): Promise<unknown> {
  const isUser = claim !== undefined && "userId" in claim && !(reason instanceof Unauthorized);
  try {
    await (isUser
      ? context.limiter.hitCaller(callerOf(claim.userId))
      : context.limiter.hitAddress(request));
    return reason;
  } catch (error) {
    return error instanceof TooManyRequests ? error : reason;
  }
}

function callerOf(userId: string): string {
  return `user:${userId}`;
}

async function identifyUser(request: Request, tx: Transaction, userId: string): Promise<Identity> {
  const caller = callerOf(userId);
  try {
    return { caller, outcome: await enterAsUser(tx, userId, wantedAccount(request)) };
  } catch (error) {
    if (error instanceof Forbidden || error instanceof BadRequest) {
      return { caller, outcome: error };
    }
    throw error;
  }
}

async function identifySdkKey(
  request: Request,
  tx: Transaction,
  keyHash: string,
): Promise<Identity> {
  const found = await enterWithSdkKey(tx, keyHash);
  if (found === undefined) throw new Unauthorized("The credentials are not valid");
  const caller = `sdk-key:${found.keyId}`;
  const wanted = request.headers["x-account-id"];
  if (wanted !== undefined && !sameId(wanted, found.principal.accountId)) {
    return { caller, outcome: new Forbidden("The SDK key belongs to another account") };
  }
  return { caller, outcome: found.principal };
}

function wantedAccount(request: Request): string | null {
  const header = request.headers["x-account-id"];
  if (header === undefined) return null;
  if (!isUuid(header)) throw new Forbidden("Not a member of this account");
  return header;
}

function sameId(given: string | string[], id: string): boolean {
  return typeof given === "string" && given.toLowerCase() === id;
}
