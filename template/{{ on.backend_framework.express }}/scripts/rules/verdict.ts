/** What every rule answers. */
export interface Verdict {
  readonly checked: string;
  readonly evidence: string;
  readonly failures: readonly string[];
}

/** The rule is kept when there are no failures. Each says where, what, and what to do. */
export function verdict(checked: string, evidence: string, failures: Iterable<string>): Verdict {
  const found = [...new Set(failures)];
  const shown = found.length > 0 ? `${count(found.length, "failure")}, below` : evidence;
  return { checked, evidence: shown, failures: found };
}

export function count(number: number, noun: string): string {
  if (number === 1) return `1 ${noun}`;
  return `${number} ${noun}${noun.endsWith("x") ? "es" : "s"}`;
}
