import { connect } from "node:net";

import { describe, expect, inject, it } from "vitest";

import { closeContext, createContext } from "#app/context";
import { refuseOwner } from "#lib/role";
import { testSettings, useWorld } from "#tests/support/world";

const world = useWorld();

/** What comes back for bytes that need not be HTTP. */
async function exchange(bytes: string): Promise<string> {
  const { port } = new URL(world.url);
  const socket = connect(Number(port), "127.0.0.1");
  socket.end(bytes);
  let answer = "";
  for await (const part of socket) answer += String(part);
  return answer;
}

describe("what is no request", () => {
  it.each([
    ["NONSENSE\r\n\r\n", 400],
    ["GET / HTTP/1.1\r\nHost: x\r\nContent-Length: two\r\n\r\n", 400],
    [`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${"x".repeat(70_000)}\r\n\r\n`, 431],
  ])("is answered in the contract's form, case %#", async (bytes, status) => {
    const answer = await exchange(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    const [, body = ""] = answer.split("\r\n\r\n");
    expect(JSON.parse(body)).toMatchObject({ error: expect.any(String) as string });
  });
});

describe("the role of the service", () => {
  it("may not be one that row-level security does not bind", async () => {
    await expect(refuseOwner(world.context)).resolves.toBeUndefined();
    const { MIGRATION_DATABASE_URL } = inject("urls");
    const owner = createContext(testSettings({ databaseUrl: MIGRATION_DATABASE_URL }));
    await expect(refuseOwner(owner)).rejects.toThrow("row-level security");
    await closeContext(owner);
  });

  it("is not asked for while the database is away", async () => {
    const nowhere = createContext(testSettings({ databaseUrl: "postgresql://a:b@127.0.0.1:1/a" }));
    await expect(refuseOwner(nowhere)).resolves.toBeUndefined();
    await closeContext(nowhere);
  });
});
