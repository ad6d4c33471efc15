// Reads JSON as strictly as the contract asks: what PostgreSQL or a peer cannot hold is refused.
import { isUtf8 } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";

import { type ApiError, BadRequest, PayloadTooLarge, UnsupportedMediaType } from "#lib/errors";

const MAX_DEPTH = 64;

/** Answers the bytes, or why there are none: that is judged in its turn. */
export async function receiveBody(
  request: IncomingMessage,
  response: ServerResponse,
  limits: { maxBytes: number; timeoutMs: number },
): Promise<Buffer | ApiError> {
  if (request.headers.expect?.toLowerCase() === "100-continue") response.writeContinue();
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size > limits.maxBytes) end(new PayloadTooLarge());
      else chunks.push(chunk);
    };
    const finish = () => {
      end(Buffer.concat(chunks));
    };
    const giveUp = () => {
      const message = "The request body did not arrive in full";
      end(new BadRequest(message, undefined, { headers: { Connection: "close" } }));
    };
    const timer = setTimeout(giveUp, limits.timeoutMs);
    const end = (outcome: Buffer | ApiError) => {
      clearTimeout(timer);
      request.off("data", take).off("end", finish).off("close", giveUp);
      // What else comes is passed by.
      request.resume();
      resolve(outcome);
    };
    request.on("data", take).on("end", finish).on("close", giveUp);
  });
}

/** Refuses a body that does not say it is plain JSON. */
export function requireJson({ headers }: IncomingMessage): void {
  const type = (headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase();
  const encoding = (headers["content-encoding"] ?? "identity").trim().toLowerCase();
  if (type !== "application/json" || encoding !== "identity") throw new UnsupportedMediaType();
}

export function parseJson(bytes: Buffer): unknown {
  try {
    if (!isUtf8(bytes)) throw new SyntaxError("not UTF-8");
    const document: unknown = JSON.parse(bytes.toString("utf8"));
    refuseUnstorable(document, 1);
    return document;
  } catch (cause) {
    throw new BadRequest("The request body is not valid JSON", undefined, { cause });
  }
}

function refuseUnstorable(value: unknown, depth: number): void {
  if (typeof value === "string") {
    if (value.includes("\0") || !value.isWellFormed()) throw new SyntaxError("not storable");
  } else if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new SyntaxError("number out of range");
  } else if (typeof value === "object" && value !== null) {
    if (depth > MAX_DEPTH) throw new SyntaxError("nested too deeply");
    for (const [name, item] of Object.entries(value)) {
      refuseUnstorable(name, depth);
      refuseUnstorable(item, depth + 1);
    }
  }
}
