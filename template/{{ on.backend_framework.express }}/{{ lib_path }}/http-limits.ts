// What is no HTTP never becomes a request: it is answered on its connection, which is then closed.
import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

const PROBLEMS: Readonly<Record<string, readonly [number, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, "The request did not arrive in time"],
  HPE_HEADER_OVERFLOW: [431, "The head of the request is too large"],
};

export function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const [status, message] = PROBLEMS[error.code ?? ""] ?? [400, "The request is malformed"];
  const requestId = randomUUID();
  const content = JSON.stringify({ error: message, requestId });
  const head = [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ""}`,
    "Content-Type: application/json",
    `Content-Length: ${String(Buffer.byteLength(content))}`,
    `X-Request-Id: ${requestId}`,
    "X-Response-Time: 0ms",
    "X-Content-Type-Options: nosniff",
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${content}`, () => {
    socket.destroy();
  });
}
