// Passport's strategies: each knows one kind of credentials, and answers what they claim.
import type { Request } from "express";
import type { JwtPayload } from "jsonwebtoken";
import passport from "passport";
import { Strategy, type VerifiedCallback } from "passport-jwt";

import type { Settings } from "#app/settings";
import type { Claim } from "#lib/access";
import { isUuid } from "#lib/schema";
import { hashKey, isWellFormed } from "#lib/sdk-key";

export const ALGORITHM = "HS256";
const LEEWAY_SECONDS = 5;

/** A bearer token that this service has issued. */
export class JwtStrategy extends Strategy {
  constructor({ jwtSecret, jwtIssuer, jwtAudience }: Settings) {
    super(
      {
        jwtFromRequest: bearerToken,
        secretOrKey: jwtSecret,
        algorithms: [ALGORITHM],
        issuer: jwtIssuer,
        audience: jwtAudience,
        // eslint-disable-next-line @typescript-eslint/no-deprecated -- The only way to a leeway.
        jsonWebTokenOptions: { clockTolerance: LEEWAY_SECONDS },
      },
      (payload: JwtPayload, done: VerifiedCallback) => {
        const { sub } = payload;
        const valid = isUuid(sub) && hasMoments(payload);
        done(null, valid && ({ userId: sub.toLowerCase() } satisfies Claim));
      },
    );
  }
}

/** An SDK key, as far as it can be judged without a look-up: a made-up one fails its checksum. */
export class SdkKeyStrategy extends passport.Strategy {
  override authenticate({ headers }: Request): void {
    const key = headers["x-api-key"];
    if (typeof key === "string" && isWellFormed(key)) {
      const claim: Claim = { keyHash: hashKey(key) };
      this.success(claim);
    } else {
      this.fail();
    }
  }
}

function bearerToken({ headers }: Request): string | null {
  return /^bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1] ?? null;
}

/** JSON's 1e999 is infinite here, and would make a token that never expires. */
function hasMoments({ exp, nbf, iat }: JwtPayload): boolean {
  const latest = Math.floor(Date.now() / 1_000) + LEEWAY_SECONDS;
  const moments = [exp, nbf ?? 0, iat ?? 0];
  return moments.every((moment) => Number.isFinite(moment)) && (iat ?? 0) <= latest;
}
