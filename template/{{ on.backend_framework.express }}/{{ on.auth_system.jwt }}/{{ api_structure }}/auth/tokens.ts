// Access tokens: short-lived JWTs that this service signs and checks itself.
import { createSecretKey } from "node:crypto";

import { errors, jwtVerify, type JWTPayload, SignJWT } from "jose";

import type { Settings } from "#app/settings";
import { ACCESS_TOKEN_SECONDS } from "#constants";
import { Unauthorized } from "#lib/errors";
import { isUuid } from "#lib/schema";

const ALGORITHM = "HS256";
const HMAC = { name: "HMAC", hash: "SHA-256" };
const LEEWAY_SECONDS = 5;

export interface Tokens {
  issue(userId: string): Promise<string>;
  /** Answers the user that the token was issued to. Throws Unauthorized. */
  verify(token: string): Promise<string>;
}

export function createTokens(settings: Settings): Tokens {
  const { jwtIssuer: issuer, jwtAudience: audience } = settings;
  // Once: jose would import the bytes of a secret anew for each token.
  const secret = createSecretKey(settings.jwtSecret, "utf8").toCryptoKey(HMAC, false, [
    "sign",
    "verify",
  ]);
  return {
    async issue(userId) {
      const now = Math.floor(Date.now() / 1_000);
      return new SignJWT()
        .setProtectedHeader({ alg: ALGORITHM, typ: "JWT" })
        .setSubject(userId)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + ACCESS_TOKEN_SECONDS)
        .sign(secret);
    },
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, secret, {
          algorithms: [ALGORITHM],
          issuer,
          audience,
          clockTolerance: LEEWAY_SECONDS,
          requiredClaims: ["sub", "exp"],
        });
        if (isUuid(payload.sub) && hasMoments(payload)) return payload.sub.toLowerCase();
      } catch (cause) {
        if (!(cause instanceof errors.JOSEError)) throw cause;
        throw new Unauthorized("The credentials are not valid", { cause });
      }
      throw new Unauthorized("The credentials are not valid");
    },
  };
}

/** JSON's 1e999 is infinite here, and would make a token that never expires. */
function hasMoments({ exp, nbf, iat }: JWTPayload): boolean {
  const latest = Math.floor(Date.now() / 1_000) + LEEWAY_SECONDS;
  return [exp, nbf, iat].every((moment) => Number.isFinite(moment ?? 0)) && (iat ?? 0) <= latest;
}
