// R10: the tests run most of the code, none is skipped, and none is empty.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";

import ts from "typescript";

import { modulesBelow, sourceFiles } from "#scripts/rules/project";
import { isFunction, placesIn } from "#scripts/rules/sources";
import { count, type Verdict, verdict } from "#scripts/rules/verdict";

/** The rule; the thresholds of Vitest may ask for more. */
const LEAST = 80;
const WORST_SHOWN = 3;
const SUMMARY = "coverage-summary.json";
const TESTS = /^\s*Tests\s+(.*)$/m;
const DECLARING = /^(?:it|test|describe|suite)$/;
const PASSED_OVER = /^(?:skip|todo|only|skipIf|runIf|fails)$/;

interface Share {
  total: number;
  covered: number;
  pct: number;
}

interface Covered {
  lines: Share;
  branches: Share;
  functions: Share;
  statements: Share;
}

/** Measures now, or takes what a run of the tests just before has measured. */
export function check(measured: string | undefined): Verdict {
  if (measured !== undefined) {
    const newer = changedSince(measured);
    if (newer !== undefined) {
      const failure = `${newer}: changed after the tests ran: run them again (\`make test\`)`;
      return verdict(basename(measured), "out of date", [failure]);
    }
    return judge(measured, `the tests that wrote ${basename(measured)}`, true);
  }
  const folder = mkdtempSync(join(tmpdir(), "rules-"));
  try {
    console.error("rules: running the tests for R10");
    const options = [
      "--coverage.reporter=json-summary",
      "--coverage.reportOnFailure",
      `--coverage.reportsDirectory=${folder}`,
    ];
    const { status, stdout, stderr } = spawnSync("vitest", ["run", "--coverage", ...options], {
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
      maxBuffer: 2 ** 30,
    });
    const passed = TESTS.exec(stdout)?.[1] ?? "no tests ran";
    if (status !== 0) console.error(`${stdout}${stderr}\nrules: \`make test\` tells more`);
    const sound = passed.includes("passed") && !passed.includes("failed");
    return judge(join(folder, SUMMARY), passed, sound);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function changedSince(measured: string): string | undefined {
  const written = existsSync(measured) ? statSync(measured).mtimeMs : 0;
  return sourceFiles().find((path) => statSync(path).mtimeMs > written);
}

function judge(summary: string, tests: string, sound: boolean): Verdict {
  const failures = [...passedOver()];
  if (!sound) failures.push(`tests: ${tests}: mend them (\`make test\` tells more)`);
  if (!existsSync(summary)) {
    const failure = "tests: nothing was measured: make them run (`make test`)";
    return verdict(tests, "nothing measured", [...failures, failure]);
  }
  const { total, ...files } = JSON.parse(readFileSync(summary, "utf8")) as Record<string, Covered>;
  const known = Object.entries(files).map(
    ([path, covered]) => [relative(process.cwd(), path), covered] as const,
  );
  const share = total === undefined ? 0 : together(total);
  if (share < LEAST) failures.push(shortfall(share, known));
  for (const path of sourceFiles()) {
    const { functions } = known.find(([name]) => name === path)?.[1] ?? {};
    if (functions !== undefined && functions.total > 0 && functions.covered === 0) {
      failures.push(
        `${path}: no test runs any of its ${count(functions.total, "function")}: write one that does`,
      );
    }
  }
  return verdict(
    `${count(known.length, "file")}; ${tests}`,
    `${share.toFixed(1)} % covered, functions of every module run`,
    failures,
  );
}

/** Of statements and branches. */
function together({ statements, branches }: Covered): number {
  const total = statements.total + branches.total;
  return total === 0 ? 0 : (100 * (statements.covered + branches.covered)) / total;
}

function shortfall(share: number, files: readonly (readonly [string, Covered])[]): string {
  const missing = files
    .map(([path, { lines }]) => ({ path, lines: lines.total - lines.covered }))
    .sort((a, b) => b.lines - a.lines)
    .slice(0, WORST_SHOWN)
    .map(({ path, lines }) => `${path} (${lines} lines)`);
  return `coverage: ${share.toFixed(1)} % is less than ${LEAST} %: test ${missing.join(", ")} first`;
}

/** Tests that do not run, that keep others from running, or that do nothing. */
function* passedOver(): Generator<string> {
  const files = modulesBelow("tests").map((path) =>
    ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true),
  );
  for (const { node, at } of placesIn(files)) {
    if (!ts.isCallExpression(node)) continue;
    const [head = "", ...rest] = node.expression.getText().split(".");
    if (!DECLARING.test(head)) continue;
    const how = rest
      .map((part) => part.replace(/\(.*/s, ""))
      .find((name) => PASSED_OVER.test(name));
    if (how !== undefined)
      yield `${at}: ${head}.${how} keeps tests from running: mend or remove it`;
    const body = node.arguments.find(isFunction)?.body;
    if (body !== undefined && ts.isBlock(body) && body.statements.length === 0) {
      yield `${at}: a test that does nothing: write it, or remove it`;
    }
  }
}
