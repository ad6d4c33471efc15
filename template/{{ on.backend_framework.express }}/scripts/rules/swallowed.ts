// Finds `catch` clauses and callbacks after which nobody learns of an error.
import ts from "typescript";

import { isFunction, modules, nodesOf, placesIn } from "#scripts/rules/sources";

const LOGGERS = /^(?:log|logger|console|stderr)$/;
// Handing an error to these tells nobody.
const MUTE = /^(?:String|JSON|Boolean|Number|isNaN|print|typeof)$/;
const ADVICE = "catch what is expected, and throw the rest again or log it";

interface Handler {
  readonly at: string;
  readonly caught: string | undefined;
  readonly body: ts.Node;
}

export function handlers(): number {
  return [...found()].length;
}

export function* errors(): Generator<string> {
  for (const { at, caught, body } of found()) {
    if (!tells(body, caught)) yield `${at}: swallows every error: ${ADVICE}`;
  }
}

function* found(): Generator<Handler> {
  for (const { node, at } of placesIn(modules())) {
    if (ts.isCatchClause(node)) {
      yield { at, caught: node.variableDeclaration?.name.getText(), body: node.block };
    }
    const given = ts.isCallExpression(node) ? rejectionHandler(node) : undefined;
    if (isFunction(given)) {
      yield { at, caught: given.parameters[0]?.name.getText(), body: given.body };
    } else if (given !== undefined && /^(?:noop|ignore)\b/i.test(given.getText())) {
      yield { at, caught: undefined, body: given };
    }
  }
}

/** What `.catch(…)`, or `.then(…, …)`, is given for errors. */
function rejectionHandler({ expression, arguments: given }: ts.CallExpression) {
  if (!ts.isPropertyAccessExpression(expression)) return undefined;
  if (expression.name.text === "catch") return given[0];
  return expression.name.text === "then" ? given[1] : undefined;
}

/** Throws, logs, or hands the error on. */
function tells(body: ts.Node, caught: string | undefined): boolean {
  if (isError(body, caught)) return true;
  for (const node of nodesOf(body)) {
    if (ts.isThrowStatement(node)) return true;
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      if (names(node.expression).some((name) => LOGGERS.test(name))) return true;
      const heard = !names(node.expression).some((name) => MUTE.test(name));
      if (heard && (node.arguments ?? []).some((argument) => isError(argument, caught)))
        return true;
    }
    if (ts.isReturnStatement(node) && node.expression && isError(node.expression, caught)) {
      return true;
    }
    const assigned =
      ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken;
    if (assigned && isError(node.right, caught)) return true;
  }
  return false;
}

/** The error itself, or one of the outcomes of a choice, rather than its text. */
function isError(node: ts.Node, caught: string | undefined): boolean {
  if (ts.isIdentifier(node)) return node.text === caught;
  if (ts.isAsExpression(node) || ts.isParenthesizedExpression(node)) {
    return isError(node.expression, caught);
  }
  if (ts.isConditionalExpression(node)) {
    return isError(node.whenTrue, caught) || isError(node.whenFalse, caught);
  }
  if (ts.isObjectLiteralExpression(node)) {
    return node.properties.some(
      (property) =>
        (ts.isShorthandPropertyAssignment(property) && property.name.text === caught) ||
        (ts.isPropertyAssignment(property) && isError(property.initializer, caught)),
    );
  }
  return false;
}

function names(expression: ts.Expression): string[] {
  return [...nodesOf(expression)]
    .filter((node) => ts.isIdentifier(node) || ts.isPrivateIdentifier(node))
    .map(({ text }) => text.replace(/^#/, ""));
}
