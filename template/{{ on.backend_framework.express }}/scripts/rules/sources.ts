// The source code as the compiler reads it.
import { readFileSync } from "node:fs";
import { relative } from "node:path";

import ts from "typescript";

import { LIB, sourceFiles } from "#scripts/rules/project";

export interface Place {
  readonly node: ts.Node;
  readonly file: ts.SourceFile;
  /** `src/app.ts:12`. */
  readonly at: string;
}

let compiled: ts.Program | undefined;

/** With types, for what only they can tell. */
export function program(): ts.Program {
  if (compiled === undefined) {
    compiled = ts.createProgram(sourceFiles(), options());
    // Nodes know what they are in from then on.
    compiled.getTypeChecker();
  }
  return compiled;
}

function options(): ts.CompilerOptions {
  const { config } = ts.readConfigFile("tsconfig.json", (path) => readFileSync(path, "utf8")) as {
    config: unknown;
  };
  return ts.parseJsonConfigFileContent(config, ts.sys, ".").options;
}

export function modules(): ts.SourceFile[] {
  const own = new Set(sourceFiles());
  return program()
    .getSourceFiles()
    .filter((file) => own.has(nameOf(file)));
}

export function nameOf({ fileName }: ts.SourceFile): string {
  return relative(process.cwd(), fileName);
}

export function inLibrary(file: ts.SourceFile): boolean {
  return nameOf(file).startsWith(`${LIB}/`);
}

export function* placesIn(files: Iterable<ts.SourceFile>): Generator<Place> {
  for (const file of files) {
    for (const node of nodesOf(file)) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
      yield { node, file, at: `${nameOf(file)}:${line + 1}` };
    }
  }
}

/** The node and all below it. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  const below: ts.Node[] = [];
  ts.forEachChild(node, (child) => {
    below.push(child);
  });
  for (const child of below) yield* nodesOf(child);
}

export function isFunction(
  node: ts.Node | undefined,
): node is ts.ArrowFunction | ts.FunctionExpression {
  return node !== undefined && (ts.isArrowFunction(node) || ts.isFunctionExpression(node));
}
