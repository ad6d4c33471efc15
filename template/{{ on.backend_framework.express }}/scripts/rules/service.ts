// The application on real services, called over HTTP in this process.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { createApp } from "#app/app";
import { type AppContext, closeContext, createContext } from "#app/context";
import { seed } from "#app/seed";
import { readSettings, type Settings } from "#app/settings";
import type { Catalogue } from "#scripts/rules/catalogue";
import { type Endpoint, endpointsOf } from "#scripts/rules/endpoints";
import { Examples } from "#scripts/rules/examples";
import { type Line, linesOf } from "#scripts/rules/log";
import { statements } from "#scripts/rules/statements";

export type Urls = Readonly<Record<string, string>>;

// So high that no rule meets a limit unless it asks for one.
const NO_LIMIT = 2 ** 31 - 1;
// The service may close a connection whose request it has not read to its end.
const agent = new Agent({ keepAlive: false });
// One for all applications, so that a token holds for each of them.
const SECRET = randomBytes(32).toString("hex");

export interface Tenant {
  readonly accountId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly examples: Examples;
}

interface Extras {
  query?: Readonly<Record<string, unknown>>;
  body?: Readonly<Record<string, unknown>>;
  path?: Readonly<Record<string, unknown>>;
}

export class Answer {
  constructor(
    readonly status: number,
    readonly headers: Headers,
    readonly text: string,
    readonly statements: readonly string[],
    readonly log: readonly Line[],
  ) {}

  /** Its JSON; nothing when it is none. */
  get content(): Readonly<Record<string, unknown>> | undefined {
    if (this.headers.get("content-type")?.includes("json") !== true) return undefined;
    return JSON.parse(this.text) as Record<string, unknown>;
  }

  /** What a list shows; nothing for any other answer. */
  get rows(): readonly unknown[] | undefined {
    const data = this.content?.data;
    return Array.isArray(data) ? (data as unknown[]) : undefined;
  }
}

export class Service {
  #number = 0;

  private constructor(
    readonly endpoints: readonly Endpoint[],
    private readonly context: AppContext,
    private readonly server: Server,
  ) {}

  static async start(urls: Urls, changes: Partial<Settings> = {}): Promise<Service> {
    const context = createContext({ ...settingsFor(urls), ...changes });
    const app = createApp(context);
    const server = createServer(app).listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Service(endpointsOf(app), context, server);
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await closeContext(this.context);
  }

  /** Sends what the route accepts, as an owner of the account; or more than that. */
  async call(endpoint: Endpoint, tenant: Tenant, extras: Extras = {}): Promise<Answer> {
    const { examples, headers } = tenant;
    const url = new URL(await examples.url(endpoint, extras.path), this.#base);
    const query = { ...(await examples.requiredQuery(endpoint)), ...extras.query };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
    const schema = endpoint.route?.body?.json;
    const body = schema && { ...((await examples.of(schema)) as object), ...extras.body };
    return this.#send(endpoint.method, url, headers, body);
  }

  async newTenant(catalogue: Catalogue): Promise<Tenant> {
    const unique = randomBytes(6).toString("hex");
    const email = `${unique}@example.com`;
    const password = randomBytes(12).toString("hex");
    const wanted = { account: `Rules ${unique}`, email, password, subject: null, role: "owner" };
    const made = await seed(wanted, this.context.settings.migrationDatabaseUrl);
    const known = { email, password, mainEntityId: made.mainEntity.id };
    return {
      accountId: made.account.id,
      headers: { Authorization: `Bearer ${await this.context.tokens.issue(made.user.id)}` },
      examples: new Examples(catalogue, made.account.id, known),
    };
  }

  get #base(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async #send(method: string, url: URL, given: Tenant["headers"], body?: object): Promise<Answer> {
    this.#number += 1;
    const requestId = `rules-${this.#number}-${randomBytes(4).toString("hex")}`;
    const headers: Record<string, string> = { ...given, "X-Request-Id": requestId };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    statements.start();
    const sent = request(url, { method, headers, agent }).end(body && JSON.stringify(body));
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    const text = Buffer.concat((await response.toArray()) as Buffer[]).toString();
    const asked = [...statements.texts];
    const received = new Headers(response.headers as Record<string, string>);
    const log = await linesOf(requestId);
    return new Answer(response.statusCode ?? 0, received, text, asked, log);
  }
}

function settingsFor(urls: Urls): Settings {
  return {
    ...readSettings({ ...urls, JWT_SECRET: SECRET }),
    logLevel: "info",
    webhookAllowPrivate: true,
    rateLimitPublicPerMinute: NO_LIMIT,
    rateLimitAuthenticatedPerMinute: NO_LIMIT,
    rateLimitLoginPerMinute: NO_LIMIT,
  };
}
