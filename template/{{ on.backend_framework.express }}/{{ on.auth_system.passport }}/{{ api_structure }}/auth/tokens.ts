// Access tokens: short-lived JWTs that this service signs, and Passport checks.
import type { RequestHandler } from "express";
import jwt from "jsonwebtoken";
import { type AuthenticateCallback, Passport } from "passport";

import { ALGORITHM, JwtStrategy, SdkKeyStrategy } from "#app/auth/strategies";
import type { Settings } from "#app/settings";
import { ACCESS_TOKEN_SECONDS } from "#constants";

export interface Tokens {
  issue(userId: string): Promise<string>;
  /** Asks the strategies in turn whether they know the caller. */
  authenticate(decide: AuthenticateCallback): RequestHandler;
}

export function createTokens(settings: Settings): Tokens {
  const { jwtSecret, jwtIssuer: issuer, jwtAudience: audience } = settings;
  const passport = new Passport();
  passport.use("jwt", new JwtStrategy(settings));
  passport.use("sdk-key", new SdkKeyStrategy());
  const options = {
    algorithm: ALGORITHM,
    issuer,
    audience,
    expiresIn: ACCESS_TOKEN_SECONDS,
    notBefore: 0,
  } as const;
  return {
    authenticate(decide) {
      const sessionless = { session: false };
      return passport.authenticate(["jwt", "sdk-key"], sessionless, decide) as RequestHandler;
    },
    async issue(userId) {
      return Promise.resolve(jwt.sign({}, jwtSecret, { ...options, subject: userId }));
    },
  };
}
