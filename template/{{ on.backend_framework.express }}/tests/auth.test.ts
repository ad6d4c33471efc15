import { createHmac } from "node:crypto";

import { describe, expect, it } from "vitest";

import { minuteWithRoom } from "#tests/support/waiting";
import { someAddress, useWorld } from "#tests/support/world";

const world = useWorld();

async function logIn(json: object, headers = {}) {
  return world.call("POST", "/auth/token", { json, headers });
}

function forge(claims: Record<string, unknown>, secret?: string): string {
  const { jwtSecret, jwtIssuer, jwtAudience } = world.context.settings;
  const parts = [{ alg: "HS256" }, { iss: jwtIssuer, aud: jwtAudience, ...claims }];
  const signed = parts
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  const mac = createHmac("sha256", secret ?? jwtSecret).update(signed);
  return `${signed}.${mac.digest("base64url")}`;
}

describe("logging in", () => {
  it("gives a token that is accepted, for a quarter of an hour at most", async () => {
    const { email, password } = await world.tenant();
    const { status, body } = await logIn({ email: email.toUpperCase(), password });
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ tokenType: "Bearer", expiresIn: 900 });
    const headers = { Authorization: `Bearer ${body.data.accessToken as string}` };
    expect((await world.call("GET", "/sdk-keys", { headers })).status).toBe(200);
  });

  it("tells a wrong password and an unknown e-mail apart in nothing", async () => {
    const { email } = await world.tenant();
    const wrong = await logIn({ email, password: "wrong" });
    const unknown = await logIn({ email: "nobody@example.com", password: "wrong" });
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(wrong.body.error).toBe(unknown.body.error);
  });

  it("keeps passwords as argon2id", async () => {
    const { user } = await world.tenant();
    const [row] = await world.asOwner("SELECT password_hash FROM users WHERE id = $1", user.id);
    expect(row?.password_hash).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=4\$/);
  });

  it("is limited by e-mail and address, and gives the address its place back", async () => {
    const { email } = await world.tenant();
    const headers = { "X-Forwarded-For": someAddress() };
    const tries = world.context.settings.rateLimitLoginPerMinute + 1;
    await minuteWithRoom();
    const answers = [];
    for (let n = 0; n < tries; n += 1)
      answers.push(await logIn({ email, password: "no" }, headers));
    expect(answers.map(({ status }) => status)).toEqual([...Array(tries - 1).fill(401), 429]);
    expect(answers.at(-1)?.headers.get("x-ratelimit-remaining")).toBe("0");
    const other = await logIn({ email: "somebody@example.com", password: "no" }, headers);
    expect(other.status).toBe(401);
  });
});

describe("refreshing", () => {
  it("rotates the token, and a second use of the old one revokes the family", async () => {
    const { email, password } = await world.tenant();
    const first = (await logIn({ email, password })).body.data.refreshToken as string;
    const use = async (refreshToken: string) =>
      world.call("POST", "/auth/refresh", { json: { refreshToken } });
    const second = await use(first);
    expect(second.status).toBe(200);
    expect((await use(first)).status).toBe(401);
    expect((await use(second.body.data.refreshToken as string)).status).toBe(401);
  });

  it("lets one of several concurrent uses win", async () => {
    const { email, password } = await world.tenant();
    const { refreshToken } = (await logIn({ email, password })).body.data as Record<string, string>;
    const uses = Array.from({ length: 5 }, async () =>
      world.call("POST", "/auth/refresh", { json: { refreshToken } }),
    );
    const statuses = (await Promise.all(uses)).map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 401, 401, 401, 401]);
  });
});

describe("a token", () => {
  const now = Math.floor(Date.now() / 1_000);
  const exp = now + 600;

  it("of this service is accepted, whoever has signed it", async () => {
    const { user } = await world.tenant();
    const headers = { Authorization: `bearer ${forge({ sub: user.id, exp })}` };
    expect((await world.call("GET", "/sdk-keys", { headers })).status).toBe(200);
  });

  it.each([
    ["is expired", { exp: now - 600 }],
    ["is not valid yet", { exp, nbf: now + 300 }],
    ["is of another issuer", { exp, iss: "somebody-else" }],
    ["is for another audience", { exp, aud: "something-else" }],
    ["has no end", {}],
    ["names no user", { exp, sub: "nobody" }],
    ["names a user that is gone", { exp, sub: "01a20000-0000-7000-8000-000000000000" }],
  ])("is refused when it %s", async (_, claims) => {
    const { user } = await world.tenant();
    const token = forge({ sub: user.id, ...claims });
    const headers = { Authorization: `Bearer ${token}` };
    expect((await world.call("GET", "/sdk-keys", { headers })).status).toBe(401);
  });

  it("is refused when another secret signed it, or none", async () => {
    const { user } = await world.tenant();
    const forged = forge({ sub: user.id, exp }, "x".repeat(32));
    const [, payload = ""] = forged.split(".");
    const header = Buffer.from('{"alg":"none"}').toString("base64url");
    for (const token of [forged, `${header}.${payload}.`, "nonsense"]) {
      const headers = { Authorization: `Bearer ${token}` };
      expect((await world.call("GET", "/sdk-keys", { headers })).status).toBe(401);
    }
  });
});
