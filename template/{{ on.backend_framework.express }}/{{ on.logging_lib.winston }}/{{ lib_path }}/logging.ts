// Log lines: a JSON object each, on stdout, written by Winston.
import { createLogger as createWinston } from "winston";
import Transport from "winston-transport";

import { type Fields, type Level, type Logger, writeLine } from "#lib/log-line";
import { redact } from "#lib/redaction";
import { currentRequestId } from "#lib/request-context";

export type { Fields, Level, Logger } from "#lib/log-line";

class Stdout extends Transport {
  override log({ entry }: { entry: Fields }, done: () => void): void {
    writeLine(`${JSON.stringify(redact(entry))}\n`);
    done();
  }
}

export function createLogger(level: Level): Logger {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Winston's types name the module of the class.
  const log = createWinston({ level, transports: [new Stdout()] });
  const say =
    (name: Level) =>
    (message: string, fields: Fields = {}) => {
      const timestamp = new Date().toISOString();
      const requestId = currentRequestId();
      // Under a name of its own: Winston reads meaning into errors and messages among the fields.
      const entry = { timestamp, level: name, message, requestId, ...fields };
      log.log(name, "", { entry });
    };
  return { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
}
