// Log lines: a JSON object each, on stdout, written by Bunyan.
import Bunyan from "bunyan";

import { type Fields, type Level, type Logger, writeLine } from "#lib/log-line";
import { redact } from "#lib/redaction";
import { currentRequestId } from "#lib/request-context";

export type { Fields, Level, Logger } from "#lib/log-line";

/** What a raw stream is given, as far as a line holds it. */
interface Entry {
  readonly time: Date;
  readonly level: number;
  readonly msg: string;
  readonly fields: Fields;
}

/** Renames Bunyan's own fields, whose names only its tools know. */
const stdout = {
  write(record: object): void {
    const { time: timestamp, level, msg: message, fields } = record as Entry;
    const requestId = currentRequestId();
    const line = { timestamp, level: Bunyan.nameFromLevel[level], message, requestId, ...fields };
    writeLine(`${JSON.stringify(redact(line))}\n`);
  },
};

export function createLogger(level: Level): Logger {
  const streams = [{ type: "raw", level, stream: stdout }];
  const log = Bunyan.createLogger({ name: "service", streams });
  const say =
    (name: Level) =>
    (message: string, fields: Fields = {}) => {
      log[name]({ fields }, message);
    };
  return { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
}
