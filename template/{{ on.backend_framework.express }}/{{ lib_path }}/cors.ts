// Lets browsers of the listed origins read the API; the others get the contract's error.
import type { RequestHandler } from "express";

import { BadRequest } from "#lib/errors";
import { Reply } from "#lib/responses";
import { send } from "#lib/send";

const EXPOSED = [
  "Idempotent-Replay",
  "Retry-After",
  "X-RateLimit-Limit",
  "X-RateLimit-Remaining",
  "X-RateLimit-Reset",
  "X-Request-Id",
  "X-Response-Time",
].join(", ");
const METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";
const KNOWN_METHODS = new Set(METHODS.split(", "));
const PREFLIGHT_SECONDS = "600";

export function cors(origins: readonly string[]): RequestHandler {
  const listed = new Set(origins);
  return (request, response, next) => {
    const { origin } = request.headers;
    if (origin === undefined) {
      next();
      return;
    }
    response.setHeader("Vary", "Origin");
    const allowed = listed.has("*") || listed.has(origin);
    if (allowed) response.setHeader("Access-Control-Allow-Origin", origin);
    const method = request.headers["access-control-request-method"];
    if (request.method !== "OPTIONS" || method === undefined) {
      if (allowed) response.setHeader("Access-Control-Expose-Headers", EXPOSED);
      next();
      return;
    }
    if (!allowed || !KNOWN_METHODS.has(method)) {
      next(new BadRequest("The origin, method or header is not allowed"));
      return;
    }
    const headers = request.headers["access-control-request-headers"];
    const preflight = {
      "Content-Type": "text/plain; charset=utf-8",
      "Access-Control-Allow-Methods": METHODS,
      "Access-Control-Max-Age": PREFLIGHT_SECONDS,
      ...(headers !== undefined && { "Access-Control-Allow-Headers": headers }),
    };
    send(response, new Reply(200, "OK", preflight));
  };
}
