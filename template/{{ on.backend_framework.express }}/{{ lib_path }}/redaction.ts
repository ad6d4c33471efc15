// What must never reach a log line: values under telling names, and what looks like a secret.

const REDACTED = "[redacted]";
const TELLING = new Set(["authorization", "body", "cookie", "key", "password", "secret", "token"]);
const WORDS = /[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g;
const SECRETS = new RegExp(
  [
    String.raw`\b(?:sk|whsec)_[\w+/=-]{8,}`, // SDK keys, webhook secrets
    String.raw`\beyJ[\w-]+\.[\w-]+\.[\w-]*`, // JSON web tokens
    String.raw`(?<=://)[^\s/:@]*:[^\s/@]+(?=@)`, // the credentials of a URL
  ].join("|"),
  "g",
);

/** Answers plain data, fit to be written: errors with type, message and stack, dates as text. */
export function redact(value: unknown, name = ""): unknown {
  if (tells(name)) return REDACTED;
  if (typeof value === "string") return value.replace(SECRETS, REDACTED);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Error) return redact(describe(value));
  if (value instanceof Date) return value.toJSON();
  if (Array.isArray(value)) return value.map((inner) => redact(inner));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redact(inner, key)]));
}

function describe(error: Error): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  return {
    type: error.constructor.name === "Object" ? name : error.constructor.name,
    message,
    stack,
    ...(cause instanceof Error && { cause: describe(cause) }),
  };
}

// The names of fields are few, and come with every line.
const judged = new Map<string, boolean>();
const MOST_NAMES = 1024;

function tells(name: string): boolean {
  let verdict = judged.get(name);
  if (verdict === undefined) {
    const words = (name.match(WORDS) ?? []).map((word) => word.toLowerCase());
    verdict = words.some((word) => TELLING.has(word) || TELLING.has(word.replace(/s$/, "")));
    if (judged.size < MOST_NAMES) judged.set(name, verdict);
  }
  return verdict;
}
