// Half of R6: calls that wait or reach out, in the modules that serve requests.
import ts from "typescript";

import { isFunction, nodesOf, placesIn } from "#scripts/rules/sources";

// What a request may not wait for, by the module that has it.
const SLOW: readonly RegExp[] = [
  /^timers\/promises\.(?:setTimeout|setInterval|scheduler\.wait)$/,
  /^util\.promisify$/,
  /^https?\.(?:request|get)$/,
  /^(?:net|tls)\.(?:connect|createConnection)$/,
  /^undici\.(?:request|fetch|stream|pipeline|connect|Client|Pool|Agent)$/,
  /^child_process\./,
  /^Atomics\.wait$/,
  /^fetch$/,
  /^globalThis\.fetch$/,
  /^(?:WebSocket|EventSource|XMLHttpRequest)$/,
];
const GLOBALS = new Set([
  "fetch",
  "globalThis",
  "Atomics",
  "WebSocket",
  "EventSource",
  "XMLHttpRequest",
]);

export function* slowCalls(files: Iterable<ts.SourceFile>): Generator<string> {
  for (const file of files) {
    const imported = namesOf(file);
    for (const { node, at } of placesIn([file])) {
      const called = calledBy(node, imported);
      if (called !== undefined)
        yield `${at}: a request waits for ${called}(): leave the work to a job`;
    }
  }
}

function calledBy(node: ts.Node, imported: ReadonlyMap<string, string>): string | undefined {
  if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return undefined;
  if (isSleep(node)) return "setTimeout";
  const [head = "", ...rest] = node.expression.getText().split(/\??\./);
  const known = imported.get(head) ?? (GLOBALS.has(head) ? head : undefined);
  if (known === undefined) return undefined;
  const called = [known, ...rest].join(".").replace(".default.", ".").replace(".*.", ".");
  if (called === "util.promisify") {
    return node.arguments?.[0]?.getText() === "setTimeout" ? called : undefined;
  }
  // Waiting for nothing only lets other requests go on.
  if (called.startsWith("timers") && node.arguments?.[0]?.getText() === "0") return undefined;
  return SLOW.some((pattern) => pattern.test(called)) ? called : undefined;
}

/** `new Promise((resolve) => setTimeout(resolve, 1_000))`. */
function isSleep(node: ts.CallExpression | ts.NewExpression): boolean {
  if (!ts.isNewExpression(node) || node.expression.getText() !== "Promise") return false;
  const [executor] = node.arguments ?? [];
  const resolve = isFunction(executor) ? executor.parameters[0]?.name.getText() : undefined;
  if (resolve === undefined) return false;
  return [...nodesOf(node)].some((inner) => {
    if (!ts.isCallExpression(inner) || inner.expression.getText() !== "setTimeout") return false;
    const [callback, ms] = inner.arguments;
    if (callback === undefined || ms?.getText() === "0") return false;
    return [...nodesOf(callback)].some((name) => ts.isIdentifier(name) && name.text === resolve);
  });
}

/** What each imported name of a module stands for. */
function namesOf(file: ts.SourceFile): Map<string, string> {
  const names = new Map<string, string>();
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement)) continue;
    const module = (statement.moduleSpecifier as ts.StringLiteral).text.replace(/^node:/, "");
    const { name, namedBindings } = statement.importClause ?? {};
    if (name !== undefined) names.set(name.text, module);
    if (namedBindings === undefined) continue;
    if (ts.isNamespaceImport(namedBindings)) names.set(namedBindings.name.text, module);
    else {
      for (const one of namedBindings.elements) {
        names.set(one.name.text, `${module}.${(one.propertyName ?? one.name).text}`);
      }
    }
  }
  return names;
}
