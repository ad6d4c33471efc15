// Who calls, as the headers of a request say: a bearer token, or an SDK key.
import type { IncomingMessage } from "node:http";

import type { Tokens } from "#app/auth/tokens";
import type { Claim } from "#lib/access";
import { Unauthorized } from "#lib/errors";
import { hashKey, isWellFormed } from "#lib/sdk-key";

/** Throws Unauthorized when neither says so. */
export async function readClaim({ headers }: IncomingMessage, tokens: Tokens): Promise<Claim> {
  const key = headers["x-api-key"];
  // A made-up key fails its checksum and costs no look-up.
  if (typeof key === "string" && isWellFormed(key)) return { keyHash: hashKey(key) };
  const [, token] = /^bearer +(\S+) *$/i.exec(headers.authorization ?? "") ?? [];
  if (token === undefined) throw new Unauthorized("The credentials are not valid");
  return { userId: await tokens.verify(token) };
}
