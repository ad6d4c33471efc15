// Serves `/metrics` of a process that has no HTTP API.
import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { registry } from "#lib/metrics";

// A scraper that connects and says nothing must not hold its connection for ever.
const TIMEOUT_MS = 10_000;

export class MetricsServer {
  readonly #server: Server;

  private constructor(private readonly token: string) {
    this.#server = createServer(
      {
        headersTimeout: TIMEOUT_MS,
        requestTimeout: TIMEOUT_MS,
        connectionsCheckingInterval: 1_000,
      },
      (request, response) => {
        void this.#answer(request.url ?? "", request.headers.authorization ?? "").then(
          ([status, content]) => {
            response.writeHead(status, { "Content-Type": registry.contentType });
            response.end(request.method === "HEAD" ? undefined : content);
          },
        );
      },
    );
  }

  /** Rejects when the port cannot be had. */
  static async start(host: string, port: number, token: string): Promise<MetricsServer> {
    const server = new MetricsServer(token);
    await new Promise<void>((resolve, reject) => {
      server.#server.once("error", reject).listen(port, host, resolve);
    });
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
      this.#server.closeAllConnections();
    });
  }

  async #answer(url: string, authorization: string): Promise<[number, string]> {
    if (url.split("?", 1)[0] !== "/metrics") return [404, ""];
    if (this.token !== "" && !equal(authorization, `Bearer ${this.token}`)) return [401, ""];
    return [200, await registry.metrics()];
  }
}

function equal(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
