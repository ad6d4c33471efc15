// Log lines: a JSON object each, on stdout, written by Pino.
import { pino } from "pino";

import { type Fields, type Level, type Logger, writeLine } from "#lib/log-line";
import { redact } from "#lib/redaction";
import { currentRequestId } from "#lib/request-context";

export type { Fields, Level, Logger } from "#lib/log-line";

export function createLogger(level: Level): Logger {
  const log = pino(
    {
      level,
      base: null,
      messageKey: "message",
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      mixin: () => ({ requestId: currentRequestId() }),
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redact(fields) as Record<string, unknown>,
      },
    },
    { write: writeLine },
  );
  const say =
    (name: Level) =>
    (message: string, fields: Fields = {}) => {
      log[name]({ ...fields }, redact(message) as string);
    };
  return { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
}
