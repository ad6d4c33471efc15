// What surrounds every request: id, clock, size, headers, one log line, metrics.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import type { RequestHandler } from "express";

import type { AppContext } from "#app/context";
import { PayloadTooLarge } from "#lib/errors";
import { httpDuration, httpRequests } from "#lib/metrics";
import { limitHeaders } from "#lib/rate-limit";
import { inContext, RequestContext } from "#lib/request-context";

const ACCEPTED_ID = /^[A-Za-z0-9._-]{1,128}$/;
// Methods are a label: an invented one must not become a new time series.
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

export function surround(app: AppContext): RequestHandler {
  return (request, response, next) => {
    const context = new RequestContext(acceptedId(request.headers["x-request-id"]));
    decorate(response, context, app);
    onceAnswered(response, () => {
      inContext(context, () => {
        record(request, response, context, app);
      });
    });
    inContext(context, () => {
      const size = Number(request.headers["content-length"] ?? 0);
      next(size > app.settings.maxPayloadBytes ? new PayloadTooLarge() : undefined);
    });
  };
}

export function acceptedId(given: string | string[] | undefined): string {
  return typeof given === "string" && ACCEPTED_ID.test(given) ? given : randomUUID();
}

/** Whoever writes the head of the answer, these headers are in it. */
function decorate(response: ServerResponse, context: RequestContext, app: AppContext): void {
  const writeHead = response.writeHead.bind(response) as (...values: unknown[]) => ServerResponse;
  response.writeHead = (...values: unknown[]) => {
    response.setHeader("X-Request-Id", context.requestId);
    response.setHeader("X-Response-Time", `${context.elapsedMs.toFixed(0)}ms`);
    response.setHeader("X-Content-Type-Options", "nosniff");
    if (context.window !== undefined) {
      for (const [name, value] of Object.entries(limitHeaders(context.window))) {
        response.setHeader(name, value);
      }
    }
    if (app.draining) response.setHeader("Connection", "close");
    return writeHead(...values);
  };
}

/** A caller who hangs up early is answered all the same, and the line waits for that. */
function onceAnswered(response: ServerResponse, tell: () => void): void {
  response.once("close", () => {
    if (response.writableEnded) tell();
    else response.once("prefinish", tell);
  });
}

function record(
  request: IncomingMessage,
  response: ServerResponse,
  context: RequestContext,
  { log }: AppContext,
): void {
  const method = METHODS.has(request.method ?? "") ? (request.method ?? "") : "OTHER";
  const { route, elapsedMs, userId, accountId, failure } = context;
  const status = response.statusCode;
  httpRequests.inc({ method, route, status });
  httpDuration.observe({ method, route, status }, elapsedMs / 1_000);
  const durationMs = Math.round(elapsedMs * 10) / 10;
  const fields = { method, route, status, durationMs, userId, accountId };
  if (failure === undefined) log.info("request", fields);
  else log.error("request failed", { ...fields, error: failure });
}
