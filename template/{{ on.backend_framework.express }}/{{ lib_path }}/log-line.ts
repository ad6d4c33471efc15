// What the rest of the service knows of a logger, and what every line has in common.

export type Level = "debug" | "info" | "warn" | "error";

/** Fields may hold anything: an error is written with its type, message and stack. */
export type Fields = Readonly<Record<string, unknown>>;

export type Logger = Readonly<Record<Level, (message: string, fields?: Fields) => void>>;

/** Writes a line of JSON in ASCII: nothing that a caller wrote ends it or moves a cursor. */
export function writeLine(line: string): void {
  process.stdout.write(line.replace(/[\u007f-\uffff]/g, escape));
}

function escape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
