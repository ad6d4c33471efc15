// Prints what the rules found.
import type { Verdict } from "#scripts/rules/verdict";

// Under each heading a column of this many characters.
const COLUMNS = { rule: 4, forbids: 22, checked: 40, result: 6, evidence: 44 };
const WIDTHS = Object.values(COLUMNS);

export function rendered(
  titles: Readonly<Record<string, string>>,
  verdicts: ReadonlyMap<string, Verdict>,
): string {
  const lines = [...row(Object.keys(COLUMNS)), ...row(WIDTHS.map((width) => "-".repeat(width)))];
  for (const [rule, { checked, evidence, failures }] of verdicts) {
    const result = failures.length > 0 ? "FAIL" : "PASS";
    lines.push(...row([rule, titles[rule] ?? "", checked, result, evidence]));
  }
  for (const [rule, { failures }] of verdicts) {
    lines.push(...failures.map((failure) => `${rule} ${failure}`));
  }
  return lines.join("\n");
}

function row(cells: readonly string[]): string[] {
  const wrapped = cells.map((cell, at) => wrap(cell, WIDTHS[at] ?? 0));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    wrapped
      .map((lines, at) => (lines[line] ?? "").padEnd(WIDTHS[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? "";
    if (last !== "" && last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}
