import { createServer, type IncomingMessage } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, it, vi } from "vitest";

import { clientAddress } from "#lib/client-address";
import { createLogger } from "#lib/logging";
import { MetricsServer } from "#lib/metrics-server";
import { decodeCursor, encodeCursor } from "#lib/pagination";
import { isPublic, resolvePublic } from "#lib/public-network";
import { isTimestamp, lengthOf } from "#lib/schema";
import { sql } from "#lib/sql";

describe("a statement", () => {
  it("holds parameters, never their text, also in parts of it", () => {
    const part = sql`b = ${2} AND c = ${"'; DROP TABLE x"}`;
    const whole = sql`SELECT ${1} WHERE ${part} AND d = ${4}`;
    expect(whole.text).toBe("SELECT $1 WHERE b = $2 AND c = $3 AND d = $4");
    expect(whole.values).toEqual([1, 2, "'; DROP TABLE x", 4]);
  });
});

describe("a cursor", () => {
  const position = {
    createdAt: "2026-01-02T03:04:05.123456Z",
    id: "01a20000-0000-7000-8000-000000000000",
  };

  it("leads back to its row, to the microsecond", () => {
    expect(decodeCursor(encodeCursor(position))).toEqual(position);
  });

  it.each(["", "x", Buffer.from("a|b").toString("base64url"), `${encodeCursor(position)}A`])(
    "is refused when it is %j",
    (cursor) => {
      expect(() => decodeCursor(cursor)).toThrow("Invalid request data");
    },
  );
});

describe("an address", () => {
  function from(remoteAddress: string, forwarded: string, hops: number): string {
    const request = {
      socket: { remoteAddress },
      headersDistinct: forwarded === "" ? {} : { "x-forwarded-for": [forwarded] },
    };
    return clientAddress(request as unknown as IncomingMessage, hops);
  }

  it.each([
    ["10.0.0.1", "6.6.6.6", 0, "10.0.0.1"],
    ["10.0.0.1", "6.6.6.6, 7.7.7.7", 1, "7.7.7.7"],
    ["10.0.0.1", "6.6.6.6, 7.7.7.7", 2, "6.6.6.6"],
    ["10.0.0.1", "", 1, "10.0.0.1"],
    ["10.0.0.1", "nonsense", 1, "10.0.0.1"],
    ["::ffff:10.0.0.1", "", 0, "10.0.0.1"],
    ["2001:db8::1", "", 0, "2001:db8:0:0::/64"],
  ])("of %s behind '%s' and %i hops is %s", (peer, forwarded, hops, wanted) => {
    expect(from(peer, forwarded, hops)).toBe(wanted);
  });

  it.each([
    "127.0.0.1",
    "10.1.2.3",
    "192.168.0.1",
    "::1",
    "fe80::1",
    "fd00::1",
    "0.0.0.0",
    "100.64.0.1",
    "169.254.169.254",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "ff02::1",
    "fec0::1",
    "2001:db8::1",
    "3fff::1",
    // What hides an IPv4 address: mapped, compatible, translated (NAT64), 6to4, Teredo.
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:a9fe:a9fe",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::5db8:d822",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2002:5db8:d822::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
  ])("%s is not public", (address) => {
    expect(isPublic(address)).toBe(false);
  });

  it("of a public kind may be called, one of a private name may not", async () => {
    const addresses = ["93.184.216.34", "::ffff:93.184.216.34", "2606:4700:4700::1111"];
    for (const address of addresses) expect(isPublic(address)).toBe(true);
    await expect(resolvePublic("localhost")).rejects.toThrow();
    await expect(resolvePublic("93.184.216.34")).resolves.toEqual(["93.184.216.34"]);
  });
});

describe("a value", () => {
  it("is counted in code points, and is a moment only with a zone", () => {
    expect(lengthOf("a😀é")).toBe(3);
    expect(isTimestamp("2026-01-02T03:04:05Z")).toBe(true);
    for (const no of [
      "2026-01-02",
      "2026-13-02T03:04:05Z",
      "2026-02-30T03:04:05Z",
      "2026-01-02T03:04:05",
      7,
    ]) {
      expect(isTimestamp(no)).toBe(false);
    }
  });
});

describe("a log line", () => {
  it("is one JSON object in ASCII, without what must not be told", () => {
    const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    try {
      const error = new Error("broken", { cause: new Error("deeper") });
      createLogger("info").warn("tëst\nline", {
        password: "hush",
        url: "postgres://u:p@h/d",
        error,
      });
      createLogger("error").info("not this one");
      expect(write).toHaveBeenCalledOnce();
      const text = String(write.mock.calls[0]?.[0]);
      expect(text).toMatch(/^[\x20-\x7e]+\n$/);
      const line = JSON.parse(text) as Record<string, unknown>;
      expect(line).toMatchObject({ level: "warn", message: "tëst\nline", password: "[redacted]" });
      expect(line.error).toMatchObject({ type: "Error", message: "broken" });
      expect(text).not.toContain("u:p@");
    } finally {
      write.mockRestore();
    }
  });
});

describe("the worker's metrics", () => {
  it("are served on a port of their own, behind the token", async () => {
    const probe = createServer().listen(0, "127.0.0.1");
    await once(probe, "listening");
    const { port } = probe.address() as AddressInfo;
    probe.close();
    await once(probe, "close");
    const server = await MetricsServer.start("127.0.0.1", port, "the-token");
    try {
      const url = `http://127.0.0.1:${port}/metrics`;
      expect((await fetch(url)).status).toBe(401);
      const answer = await fetch(url, { headers: { Authorization: "Bearer the-token" } });
      expect(answer.status).toBe(200);
      expect(await answer.text()).toContain("queue_jobs_total");
      expect((await fetch(`http://127.0.0.1:${port}/else`)).status).toBe(404);
    } finally {
      await server.stop();
    }
  });
});
