// Keeps what the application logs: its standard output is read here while the rules run.
import { setTimeout as sleep } from "node:timers/promises";

export type Line = Record<string, unknown>;

const PATIENCE_MS = 500;
const STEP_MS = 5;

const lines = new Map<string, Line[]>();
let rest = "";

/** Whatever library logs, it writes to standard output. Answers how to give that back. */
export function capture(): () => void {
  const { stdout } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = (chunk: string | Uint8Array) => {
    keep(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString());
    return true;
  };
  return () => {
    stdout.write = write;
  };
}

/** The lines of a request; its own is written when the answer has left. */
export async function linesOf(requestId: string): Promise<Line[]> {
  for (let waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
    if (requestLines(lines.get(requestId) ?? []).length > 0) break;
    await sleep(STEP_MS);
  }
  return lines.get(requestId) ?? [];
}

export function requestLines(found: readonly Line[]): Line[] {
  return found.filter((line) => "durationMs" in line && "method" in line);
}

function keep(text: string): void {
  const complete = (rest + text).split("\n");
  rest = complete.pop() ?? "";
  for (const line of complete) {
    const parsed = parse(line);
    if (typeof parsed?.requestId !== "string") continue;
    lines.set(parsed.requestId, [...(lines.get(parsed.requestId) ?? []), parsed]);
  }
}

function parse(line: string): Line | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Line;
  } catch {
    // A line of something else than the service's log.
    return undefined;
  }
}
