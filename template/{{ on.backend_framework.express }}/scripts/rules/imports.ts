// R6: what serves requests cannot reach what calls other systems, and does not wait.
import { isBuiltin } from "node:module";
import { relative } from "node:path";

import ts from "typescript";

import { FORBIDDEN, LIB, MAIN } from "#scripts/rules/project";
import { nodesOf, program } from "#scripts/rules/sources";
import { count, type Verdict, verdict } from "#scripts/rules/verdict";
import { slowCalls } from "#scripts/rules/waits";

// It vets addresses for the worker's connections, and opens none itself.
const HARMLESS = new Set([`${LIB}/public-network.ts undici`]);

interface Import {
  /** A module of ours, or the name of a package. */
  readonly target: string;
  readonly line: number;
}

export function check(): Verdict {
  const served = new Map<string, ts.SourceFile>();
  const broken: string[] = [];
  const imports = walk(MAIN, MAIN, served, broken);
  return verdict(
    `${count(served.size, "module")} that serve, ${count(imports, "import")}`,
    `no chain of imports to ${count(FORBIDDEN.length, "kind")} of clients, no call that waits`,
    [...broken, ...slowCalls(served.values())],
  );
}

/** Answers how many imports there are. */
function walk(
  name: string,
  chain: string,
  served: Map<string, ts.SourceFile>,
  broken: string[],
): number {
  const file = program().getSourceFile(name);
  if (file === undefined || served.has(name)) return 0;
  served.set(name, file);
  let imports = 0;
  for (const { target, line } of importsOf(file)) {
    imports += 1;
    const path = `${chain} -> ${target} (l.${line})`;
    if (forbidden(name, target)) {
      broken.push(`${path}: break the chain and leave the work to a job`);
    } else {
      imports += walk(target, path, served, broken);
    }
  }
  return imports;
}

function forbidden(name: string, target: string): boolean {
  return !HARMLESS.has(`${name} ${target}`) && FORBIDDEN.some((pattern) => pattern.test(target));
}

/** Those that are there at run time: types are free. */
function* importsOf(file: ts.SourceFile): Generator<Import> {
  for (const node of nodesOf(file)) {
    const specifier = specifierOf(node);
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) continue;
    const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
    yield { target: resolved(specifier.text, file), line: line + 1 };
  }
}

function specifierOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isImportDeclaration(node)) {
    return node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword || onlyTypes(node)
      ? undefined
      : node.moduleSpecifier;
  }
  if (ts.isExportDeclaration(node)) return node.isTypeOnly ? undefined : node.moduleSpecifier;
  if (!ts.isCallExpression(node)) return undefined;
  const dynamic = node.expression.kind === ts.SyntaxKind.ImportKeyword;
  const required = ts.isIdentifier(node.expression) && node.expression.text === "require";
  return dynamic || required ? node.arguments[0] : undefined;
}

function onlyTypes({ importClause }: ts.ImportDeclaration): boolean {
  const bindings = importClause?.namedBindings;
  if (importClause?.name !== undefined || bindings === undefined) return false;
  return ts.isNamedImports(bindings) && bindings.elements.every(({ isTypeOnly }) => isTypeOnly);
}

function resolved(specifier: string, file: ts.SourceFile): string {
  if (isBuiltin(specifier)) return specifier.replace(/^node:/, "");
  const { resolvedModule } = ts.resolveModuleName(
    specifier,
    file.fileName,
    program().getCompilerOptions(),
    ts.sys,
    undefined,
    undefined,
    ts.ModuleKind.ESNext,
  );
  const path = resolvedModule?.resolvedFileName;
  const own = path !== undefined && resolvedModule?.isExternalLibraryImport !== true;
  return own ? relative(process.cwd(), path) : specifier;
}
