// One spelling of a path for each path, whatever a caller escapes.
import type { RequestHandler } from "express";

const ESCAPES = /(?:%[0-9a-f]{2})+/gi;
const ABSOLUTE = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

/** Rewrites the URL so that the router compares what the escapes stand for. */
export const onePath: RequestHandler = (request, _response, next) => {
  const url = request.url.replace(ABSOLUTE, "");
  const [path = "", ...query] = url.split("?");
  const search = query.length === 0 ? "" : `?${query.join("?")}`;
  request.url = (path === "" ? "/" : spell(path)) + search;
  next();
};

/** Decodes every escape, then escapes anew: what is no valid escape stands for itself. */
export function spell(path: string): string {
  const decoded = path.replace(ESCAPES, (run) =>
    Buffer.from(run.replaceAll("%", ""), "hex").toString("utf8"),
  );
  return decoded.split("/").map(encodeURIComponent).join("/");
}
