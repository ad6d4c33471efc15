// R8: no secret in the tree, and none in what git remembers of it.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, statSync } from "node:fs";

import { count, type Verdict, verdict } from "#scripts/rules/verdict";

/** Hashes of findings that somebody has looked at, one a line. */
const ACCEPTED = ".secrets.accepted";
const PRAGMA = "pragma: allowlist secret";
const OUTSIDE = /(?:^|\/)(?:\.git|\.services|\.tools|node_modules|dist|coverage)\//;
const LARGEST = 1_000_000;
// Of this folder, should it be a part of a larger repository.
const EVERY_CHANGE = [
  ...["-c", "core.quotePath=off", "log", "--all", "--patch", "--unified=0", "--no-color"],
  ...["--no-ext-diff", "--no-prefix", "--relative", "--format=", "--", "."],
];

/** What is a secret wherever it stands. */
const REAL: Readonly<Record<string, RegExp>> = {
  "AWS access key": /\b((?:AKIA|ASIA)[0-9A-Z]{16})\b/,
  "private key": /(-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----)/,
  "GitHub token": /\b((?:gh[pousr]_|github_pat_)\w{30,})/,
  "Slack token": /\b(xox[abprs]-[\w-]{10,})/,
  "Stripe key": /\b([rs]k_live_\w{16,})/,
  "Google API key": /\b(AIza[\w-]{35})\b/,
  "JSON web token": /\b(eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,})/,
  "npm token": /\b(npm_\w{36})\b/,
};
/** What may be made up, and is in tests. */
const LIKELY: Readonly<Record<string, RegExp>> = {
  "password in a URL": /\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@'"`$<{]+:([^\s:/@'"`$<{]+)@/i,
  "secret keyword":
    /(?:password|passwd|secret|token|api_?key|private_?key|credentials?)["'\]]*\s*(?::|=|:=)\s*["'`]([^"'`\s${<]{8,})["'`]/i,
};
const SETTING = /(?:PASSWORD|SECRET|TOKEN|KEY)\w*=["']?([^"'\s${<#]{8,})/;
const SETTINGS_FILE = /(?:^|\/)\.env\b|\.example$/;
const LONG = /["'`]([0-9a-f]{32,}|[A-Za-z0-9+/_-]{40,}={0,2})["'`]/;
// Of bits to a character: chance has more than words.
const CHANCE = { hex: 3, other: 4.5 };
// What examples say, and names of what holds a secret.
const HARMLESS =
  /^(?:[a-z._/-]*(?:password|secret|token|key)|postgres|user|app|owner|example|change-?me\S*|x+)$/i;

interface Finding {
  readonly path: string;
  readonly line: number;
  readonly kind: string;
  readonly digest: string;
  readonly text: string;
}

export function check(): Verdict {
  const tree = treeFiles();
  const accepted = new Set(readText(ACCEPTED).match(/\b[0-9a-f]{40}\b/g));
  const found = tree.flatMap((path) => findings(path, readText(path).split("\n")));
  const failures = found
    .filter(({ digest }) => !accepted.has(digest))
    .map(
      ({ path, line, kind }) =>
        `${path}:${line}: ${kind}: revoke it and read it from the environment; a false alarm ends` +
        ` its line with \`${PRAGMA}\``,
    );
  const history = historyLines();
  let past = "no git repository, so no history";
  if (history !== undefined) {
    const lines = [...history.values()].reduce((sum, added) => sum + added.size, 0);
    past = `${count(lines, "line")} of its git history`;
    failures.push(...remembered(history, accepted));
  }
  return verdict(
    `${count(tree.length, "file")}, ${past}`,
    `${count(failures.length, "finding")}, ${accepted.size} accepted in ${ACCEPTED}`,
    failures,
  );
}

function treeFiles(): string[] {
  const listed = git("ls-files", "--cached", "--others", "--exclude-standard", "-z");
  const names = listed?.split("\0") ?? globSync("**/*", { exclude: (name) => OUTSIDE.test(name) });
  return names.filter((name) => {
    if (name === "" || name === ACCEPTED || OUTSIDE.test(name) || !existsSync(name)) return false;
    const status = statSync(name);
    return status.isFile() && status.size <= LARGEST;
  });
}

/** Every line that any commit ever added, by file; nothing without a repository. */
function historyLines(): Map<string, Set<string>> | undefined {
  const log = git(...EVERY_CHANGE);
  if (log === undefined) return undefined;
  const lines = new Map<string, Set<string>>();
  let path = "";
  for (const line of log.split("\n")) {
    if (line.startsWith("+++ ")) path = line.slice(4).trimEnd();
    else if (line.startsWith("+") && path !== "/dev/null" && !OUTSIDE.test(path)) {
      lines.set(path, (lines.get(path) ?? new Set()).add(line.slice(1)));
    }
  }
  return lines;
}

function* remembered(
  history: ReadonlyMap<string, ReadonlySet<string>>,
  accepted: ReadonlySet<string>,
): Generator<string> {
  for (const [path, lines] of history) {
    if (path === ACCEPTED) continue;
    const now = existsSync(path) && statSync(path).isFile() ? readText(path) : "";
    for (const { kind, digest, text } of findings(path, [...lines])) {
      // What is still there is the tree's finding, or was accepted on its line.
      if (accepted.has(digest) || now.includes(text)) continue;
      yield (
        `history of ${path}: ${kind}: revoke it; once it is worth nothing, or was a false` +
        ` alarm, list its hash ${digest} in ${ACCEPTED}`
      );
    }
  }
}

function findings(path: string, lines: readonly string[]): Finding[] {
  return lines.flatMap((text, at) => {
    if (text.includes(PRAGMA)) return [];
    return kindsIn(path, text).map(([kind, secret]) => {
      const digest = createHash("sha1").update(secret).digest("hex");
      return { path, line: at + 1, kind, digest, text: text.trim() };
    });
  });
}

function kindsIn(path: string, text: string): [string, string][] {
  const found: [string, string][] = [];
  const look = (kind: string, pattern: RegExp, holds: (secret: string) => boolean = () => true) => {
    const secret = pattern.exec(text)?.[1];
    if (secret !== undefined && holds(secret)) found.push([kind, secret]);
  };
  for (const [kind, pattern] of Object.entries(REAL)) look(kind, pattern);
  if (found.length > 0 || path.startsWith("tests/")) return found;
  const isNoWord = (secret: string) => !HARMLESS.test(secret);
  for (const [kind, pattern] of Object.entries(LIKELY)) look(kind, pattern, isNoWord);
  if (SETTINGS_FILE.test(path)) look("secret setting", SETTING, isNoWord);
  if (found.length === 0) look("string of chance", LONG, isChance);
  return found;
}

function isChance(secret: string): boolean {
  const least = /^[0-9a-f]+$/.test(secret) ? CHANCE.hex : CHANCE.other;
  return entropyOf(secret) > least;
}

function entropyOf(text: string): number {
  const times = Map.groupBy(text, (letter) => letter);
  return [...times.values()].reduce((sum, { length }) => {
    const share = length / text.length;
    return sum - share * Math.log2(share);
  }, 0);
}

function readText(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

function git(...given: string[]): string | undefined {
  const { status, stdout } = spawnSync("git", given, { encoding: "utf8", maxBuffer: 2 ** 30 });
  return status === 0 ? stdout : undefined;
}
