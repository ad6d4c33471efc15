import { createHash, randomBytes } from "node:crypto";

import { isPassword } from "#app/auth/passwords";
import * as repository from "#app/auth/repository";
import type { Tokens } from "#app/auth/tokens";
import { ACCESS_TOKEN_SECONDS, REFRESH_TOKEN_SECONDS } from "#constants";
import type { Database, Transaction } from "#lib/database";
import { Unauthorized } from "#lib/errors";

interface TokenPair {
  accessToken: string;
  tokenType: "Bearer";
  expiresIn: number;
  refreshToken: string;
}

/** No connection is held while the password is hashed: many may wait for their turn. */
export async function logIn(
  database: Database,
  tokens: Tokens,
  email: string,
  password: string,
): Promise<TokenPair> {
  const login = await database.transaction((tx) => repository.findLogin(tx, email.toLowerCase()));
  const correct = await isPassword(login?.passwordHash, password);
  if (login === undefined || !correct) throw new Unauthorized("Wrong e-mail or password");
  const refreshToken = newToken();
  await database.transaction((tx) =>
    repository.storeRefreshToken(tx, login.id, hashOf(refreshToken), REFRESH_TOKEN_SECONDS),
  );
  return pair(tokens, login.id, refreshToken);
}

/** Undefined, not an error, when refused: revoking the family must be committed. */
export async function refresh(
  tx: Transaction,
  tokens: Tokens,
  refreshToken: string,
): Promise<TokenPair | undefined> {
  const next = newToken();
  const userId = await repository.rotateRefreshToken(
    tx,
    hashOf(refreshToken),
    hashOf(next),
    REFRESH_TOKEN_SECONDS,
  );
  return userId === null ? undefined : pair(tokens, userId, next);
}

async function pair(tokens: Tokens, userId: string, refreshToken: string): Promise<TokenPair> {
  const accessToken = await tokens.issue(userId);
  return { accessToken, tokenType: "Bearer", expiresIn: ACCESS_TOKEN_SECONDS, refreshToken };
}

function newToken(): string {
  return randomBytes(48).toString("base64url");
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
