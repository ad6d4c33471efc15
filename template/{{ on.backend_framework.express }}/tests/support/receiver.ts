// A server that answers as it is told to, and remembers what it was asked.
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
  at: number;
}

export interface Scripted {
  status?: number;
  body?: string;
  headers?: Record<string, string>;
  /** Answers when this resolves. */
  hold?: Promise<unknown>;
  hangUp?: boolean;
}

export class Receiver {
  readonly calls: Received[] = [];
  #script: Scripted[] = [{}];

  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async start(): Promise<Receiver> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const receiver = new Receiver(`http://127.0.0.1:${port}`, server);
    server.on("request", (request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const { method = "", url = "" } = request;
        const headers = request.headers as Record<string, string>;
        const body = Buffer.concat(parts).toString();
        receiver.calls.push({ method, path: url, headers, body, at: performance.now() });
        void receiver.#answer(response);
      });
    });
    return receiver;
  }

  /** The last answer of the script stays. */
  answers(...script: Scripted[]): void {
    this.calls.length = 0;
    this.#script = script;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  async #answer(response: ServerResponse): Promise<void> {
    const next = this.#script.length > 1 ? this.#script.shift() : this.#script[0];
    const { status = 200, body = "{}", headers = {}, hold, hangUp } = next ?? {};
    await hold;
    if (hangUp === true) {
      response.destroy();
      return;
    }
    response.writeHead(status, { "Content-Type": "application/json", ...headers });
    response.end(body);
  }
}
