// Keeps requests to addresses that users name away from this network (SSRF).
//
// Names are judged by what they resolve to, and the address that was judged is the one connected
// to: a name that resolves differently the second time (DNS rebinding) gains nothing.
import { lookup } from "node:dns/promises";
import { BlockList, isIP, type Socket } from "node:net";

import { buildConnector } from "undici";

const RESOLVE_MS = 3_000;

/** The host has no address, or one that is not public. The message is shown to the tenant. */
export class AddressRefused extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AddressRefused";
  }
}

// What the registries of special-purpose addresses reserve, and multicast.
const RESERVED = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const) {
  RESERVED.addSubnet(network, prefix, "ipv4");
}
// Besides protocol assignments and documentation also 6to4 and Teredo, which hide an IPv4 address.
for (const [network, prefix] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const) {
  RESERVED.addSubnet(network, prefix, "ipv6");
}
// The one block that addresses of the public IPv6 internet come from.
const GLOBAL_UNICAST = new BlockList();
GLOBAL_UNICAST.addSubnet("2000::", 3, "ipv6");
const MAPPED_IPV4 = new BlockList();
MAPPED_IPV4.addSubnet("::ffff:0:0", 96, "ipv6");

export function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !RESERVED.check(address, "ipv4");
  const known = GLOBAL_UNICAST.check(address, "ipv6") || MAPPED_IPV4.check(address, "ipv6");
  // A list's IPv4 networks hold for addresses within IPv6 too.
  return known && !RESERVED.check(address, "ipv6");
}

/**
 * The system's resolver decides, so that every spelling of an address means what it would mean
 * when connecting: decimal, octal, abbreviated, IPv4 within IPv6.
 */
async function resolve(host: string): Promise<string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error("The name server did not answer in time"));
    }, RESOLVE_MS);
  });
  try {
    const found = await Promise.race([lookup(host, { all: true }), late]);
    return found.map(({ address }) => address.replace(/%.*$/, ""));
  } catch (cause) {
    throw new AddressRefused("The host does not resolve to an address", { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** Throws AddressRefused unless every address of the host is public. */
export async function resolvePublic(host: string): Promise<string[]> {
  const addresses = await resolve(host);
  if (addresses.length === 0 || !addresses.every(isPublic)) {
    throw new AddressRefused("The host resolves to an address that is not public");
  }
  return addresses;
}

/** Connects to vetted addresses only. TLS still asks for, and checks, the host's name. */
export function publicConnector(options: {
  allowPrivate: boolean;
  timeoutMs: number;
}): buildConnector.connector {
  const connect = buildConnector({ timeout: options.timeoutMs, allowH2: false });
  const vet = options.allowPrivate ? resolve : resolvePublic;

  async function connectVetted(target: buildConnector.Options) {
    const host = target.hostname.replace(/^\[|\]$/g, "");
    let failure: unknown = new AddressRefused("The host does not resolve to an address");
    for (const hostname of await vet(host)) {
      try {
        return await new Promise<Socket>((resolveSocket, reject) => {
          const servername = target.servername ?? (isIP(host) === 0 ? host : undefined);
          connect({ ...target, hostname, ...(servername && { servername }) }, (error, socket) => {
            if (error === null) resolveSocket(socket);
            else reject(error);
          });
        });
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  return (target, callback) => {
    connectVetted(target).then(
      (socket) => {
        callback(null, socket);
      },
      (error: unknown) => {
        callback(error as Error, null);
      },
    );
  };
}
