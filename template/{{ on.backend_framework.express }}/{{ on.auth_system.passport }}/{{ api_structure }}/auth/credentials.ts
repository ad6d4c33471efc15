// Who calls, as Passport finds out: by a bearer token, or by an SDK key.
import type { Request, Response } from "express";
import type { AuthenticateCallback } from "passport";

import type { Tokens } from "#app/auth/tokens";
import type { Claim } from "#lib/access";
import { Unauthorized } from "#lib/errors";

/** Throws Unauthorized when no strategy knows the caller. */
export async function readClaim(request: Request, tokens: Tokens): Promise<Claim> {
  return new Promise((resolve, reject) => {
    const decide: AuthenticateCallback = (error: Error | null, claim) => {
      if (error) reject(error);
      else if (claim) resolve(claim as Claim);
      else reject(new Unauthorized("The credentials are not valid"));
    };
    const authenticate = tokens.authenticate(decide);
    void authenticate(request, request.res as Response, reject);
  });
}
