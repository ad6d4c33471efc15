export type Level = "debug" | "info" | "warn" | "error";

export type Logger = Readonly<
  Record<Level, (message: string, fields?: Readonly<Record<string, unknown>>) => void>
>;

/** Writes one JSON object a line: to stdout, or wherever `write` takes it. */
export declare function createLogger(options: {
  level: Level;
  write?: (line: string) => void;
}): Logger;
