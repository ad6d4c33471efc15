const LEVELS = ["debug", "info", "warn", "error"];

/** @type {typeof import("./logger.js").createLogger} */
export function createLogger({ level, write = (line) => void process.stdout.write(line) }) {
  const least = LEVELS.indexOf(level);
  const say = (name) => (message, fields) => {
    if (LEVELS.indexOf(name) < least) return;
    const timestamp = new Date().toISOString();
    write(`${JSON.stringify({ timestamp, level: name, message, ...fields })}\n`);
  };
  return { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
}
