// Where a webhook goes: the same reading of its URL when it is registered and when it is sent.
import { BadRequest } from "#lib/errors";
import { AddressRefused, resolvePublic } from "#lib/public-network";

/** Not a URL that webhooks are sent to. The message is shown to the tenant. */
export class UrlRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UrlRefused";
  }
}

/** Throws UrlRefused with what is wrong. */
export function parse(url: string): URL {
  // What URL() would silently mend or drop is no address that somebody meant.
  if (/[\s\\\p{Cc}]/u.test(url) || !URL.canParse(url)) throw new UrlRefused("Not a valid URL");
  const parsed = new URL(url);
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:") {
    throw new UrlRefused("Must be an http or https URL");
  }
  if (!/^https?:\/\/[^/?#]/i.test(url)) throw new UrlRefused("Must name a host");
  if (parsed.username !== "" || parsed.password !== "") {
    throw new UrlRefused("Must not hold credentials");
  }
  if (parsed.port === "0") throw new UrlRefused("The port must be from 1 to 65535");
  return parsed;
}

/** Throws BadRequest unless the URL may be registered. It is judged again at each sending. */
export async function check(url: string, { allowPrivate }: { allowPrivate: boolean }) {
  try {
    const { hostname } = parse(url);
    if (!allowPrivate) await resolvePublic(hostname.replace(/^\[|\]$/g, ""));
  } catch (error) {
    if (!(error instanceof UrlRefused || error instanceof AddressRefused)) throw error;
    throw new BadRequest(undefined, [{ path: "url", message: error.message }]);
  }
}
