// Passwords as argon2id, with 64 MiB and three passes each.
import { randomBytes } from "node:crypto";

import { hash, verify } from "@node-rs/argon2";

const COST = { memoryCost: 65_536, timeCost: 3, parallelism: 4 };

export async function hashPassword(password: string): Promise<string> {
  return hash(password, COST);
}

let unknown: Promise<string> | undefined;

/** A user that is not there is checked too, so that it takes as long as a wrong password. */
export async function isPassword(
  stored: string | null | undefined,
  password: string,
): Promise<boolean> {
  unknown ??= hashPassword(randomBytes(32).toString("hex"));
  const correct = await verify(stored ?? (await unknown), password);
  return correct && typeof stored === "string";
}
