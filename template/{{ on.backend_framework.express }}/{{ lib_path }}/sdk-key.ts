// The format of SDK keys: `sk_`, 32 random bytes, and a checksum that tells typos from keys.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";

const PREFIX = "sk_";
const SHOWN_CHARACTERS = 11;
const FORM = /^sk_([0-9a-f]{64})([0-9a-f]{8})$/;

export function generateKey(): string {
  const body = randomBytes(32).toString("hex");
  return `${PREFIX}${body}${checksum(body)}`;
}

export function isWellFormed(key: string): boolean {
  const [, body, given] = FORM.exec(key) ?? [];
  if (body === undefined || given === undefined) return false;
  return timingSafeEqual(Buffer.from(given), Buffer.from(checksum(body)));
}

/** SHA-256 suffices: the key itself is 256 random bits, so there is nothing to guess. */
export function hashKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

export function shownPrefix(key: string): string {
  return key.slice(0, SHOWN_CHARACTERS);
}

function checksum(body: string): string {
  return crc32(body).toString(16).padStart(8, "0");
}
