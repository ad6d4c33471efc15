// Prettier and the compiler for one repo after the other, in one process: what was read and
// compiled for one is there for the next. A line of JSON asks, a line of JSON answers.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

// Where the packages really are: the repos have links to them.
const packages = process.argv[2];
const require = createRequire(join(packages, "judge.js"));
const prettier = require("prettier");
const ts = require("typescript");

async function badlyLaidOut(folder, files) {
  const found = [];
  const ignorePath = [".gitignore", ".prettierignore"].map((name) => join(folder, name));
  for (const name of files) {
    const path = join(folder, name);
    const { ignored, inferredParser } = await prettier.getFileInfo(path, { ignorePath });
    if (ignored || inferredParser === null) continue;
    const options = await prettier.resolveConfig(path, { editorconfig: true, useCache: false });
    try {
      const text = readFileSync(path, "utf8");
      if (!(await prettier.check(text, { ...options, filepath: path }))) found.push(name);
    } catch (error) {
      found.push(`${name}: ${error.message}`);
    }
  }
  return found.map((one) => `prettier: ${one}`);
}

const read = new Map();

function wronglyTyped(folder) {
  const system = { ...ts.sys, getCurrentDirectory: () => folder };
  const broken = [];
  const config = ts.getParsedCommandLineOfConfigFile(
    join(folder, "tsconfig.json"),
    { noEmit: true },
    { ...system, onUnRecoverableConfigFileDiagnostic: (one) => broken.push(one) },
  );
  if (config === undefined) return told(broken, folder);
  const host = ts.createCompilerHost(config.options, true);
  const readNow = host.getSourceFile;
  host.getCurrentDirectory = () => folder;
  host.getSourceFile = (name, how, ...more) => {
    if (!name.startsWith(packages)) return readNow(name, how, ...more);
    // All repos have the same settings of the compiler but for this.
    const key = `${name} ${how.impliedNodeFormat}`;
    if (!read.has(key)) read.set(key, readNow(name, how, ...more));
    return read.get(key);
  };
  const program = ts.createProgram({
    rootNames: config.fileNames,
    options: config.options,
    configFileParsingDiagnostics: config.errors,
    host,
  });
  return told(ts.getPreEmitDiagnostics(program), folder);
}

function told(diagnostics, folder) {
  return diagnostics.map((one) => {
    const text = ts.formatDiagnostic(one, {
      getCanonicalFileName: (name) => name,
      getCurrentDirectory: () => folder,
      getNewLine: () => "\n",
    });
    return `tsc: ${text.trim()}`;
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  const { folder, files } = JSON.parse(line);
  const found = await badlyLaidOut(folder, files);
  process.stdout.write(`${JSON.stringify([...found, ...wronglyTyped(folder)])}\n`);
}
