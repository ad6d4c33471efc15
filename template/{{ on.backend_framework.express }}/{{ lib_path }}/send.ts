// Writes answers: as JSON, unless they name a type of their own.
import type { ServerResponse } from "node:http";

import { ApiError, MESSAGES } from "#lib/errors";
import { currentContext } from "#lib/request-context";
import { refusal, type Reply } from "#lib/responses";

export function send(response: ServerResponse, { status, body, headers }: Reply): void {
  if (response.headersSent) return;
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (status === 204) {
    response.end();
    return;
  }
  // What names its own type is written as it is.
  const written = response.hasHeader("Content-Type") ? String(body) : JSON.stringify(body);
  if (!response.hasHeader("Content-Type")) response.setHeader("Content-Type", "application/json");
  response.setHeader("Content-Length", Buffer.byteLength(written));
  response.end(written);
}

/** Every refusal ends here. What is no refusal of ours says nothing of its cause. */
export function sendError(response: ServerResponse, error: unknown): void {
  const context = currentContext();
  const known = error instanceof ApiError ? error : asRefusal(error);
  if (known.status >= 500 && context !== undefined) {
    context.failure = error instanceof ApiError ? (error.cause ?? error) : error;
  }
  send(response, refusal(known));
}

/** Express and its parsers throw errors with a status of their own. */
function asRefusal(error: unknown): ApiError {
  const status = error instanceof Error && "status" in error ? Number(error.status) : 500;
  const refused = status >= 400 && status < 500;
  return refused
    ? new ApiError(MESSAGES.get(status) ?? "Invalid request data", status)
    : new ApiError();
}
