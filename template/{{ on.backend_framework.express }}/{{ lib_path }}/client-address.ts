// The address that a request counts against.
import { isIPv4, isIPv6 } from "node:net";
import type { IncomingMessage } from "node:http";

/** The address that the outermost trusted proxy saw; what callers add in front is ignored. */
export function clientAddress(request: IncomingMessage, proxyHops: number): string {
  const peer = canonical(request.socket.remoteAddress ?? "") ?? "unknown";
  if (proxyHops === 0) return peer;
  const forwarded = (request.headersDistinct["x-forwarded-for"] ?? []).join(",");
  const chain = forwarded.split(",").map((part) => part.trim());
  const named = chain.filter((part) => part !== "");
  const candidate = [...named, peer].at(Math.max(0, named.length - proxyHops)) ?? peer;
  return canonical(candidate) ?? peer;
}

function canonical(address: string): string | undefined {
  if (isIPv4(address)) return address;
  if (!isIPv6(address)) return undefined;
  const groups = expand(address);
  const [high = 0, low = 0] = groups.slice(6);
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (mapped) return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".");
  // One subscriber holds a whole /64, so single addresses would be no limit at all.
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(":")}::/64`;
}

/** The eight groups of an IPv6 address in any spelling. */
function expand(address: string): number[] {
  // The parser of URLs knows every spelling and writes IPv4 endings as groups.
  const plain = new URL(`http://[${address.replace(/%.*$/, "")}]`).hostname.slice(1, -1);
  const [head = "", tail] = plain.split("::");
  const groups = (part: string) =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const gap = new Array<number>(8 - before.length - after.length).fill(0);
  return [...before, ...gap, ...after];
}
