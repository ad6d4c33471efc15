"""R4: every input has a schema, and what the schema does not name is refused."""

import ast
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel

from .endpoints import Endpoint, Schema
from .project import LIB, ROOT, Route, python_files
from .service import Answer
from .verdict import Verdict, count, verdict
from .world import World

UNKNOWN = "notInTheSchema"
# No row has it, and no number is written so.
NO_ID = "no-such-id"
TEXT_BOUNDS = {"maxLength", "pattern", "format"}
LOWEST = {"minimum", "exclusiveMinimum"}
HIGHEST = {"maximum", "exclusiveMaximum"}
# What reads input past the schemas, on a request.
AWAITED = {"body", "form", "json"}
READ = {"path_params", "query_params"}


async def check(world: World) -> Verdict:
    failures = list(_raw_reads())
    bodies = queries = models = 0
    for endpoint in world.service.endpoints:
        if endpoint.exempt:
            continue
        found = list(_models(endpoint.body))
        models += len(found)
        failures += _undeclared(endpoint, found)
        # A route of another class is limited by nothing either: that is R5's to say.
        if not isinstance(endpoint.route, Route):
            continue
        failures += _loose(endpoint)
        failures += await _malformed_path(world, endpoint)
        queries += 1
        answer = await world.service.call(endpoint, world.few, query={UNKNOWN: "1"})
        failures += _refusal(endpoint, answer, "query parameter")
        if endpoint.body is not None:
            bodies += 1
            answer = await world.service.call(endpoint, world.few, extra_body={UNKNOWN: 1})
            failures += _refusal(endpoint, answer, "field")
    return verdict(
        f"{count(bodies, 'route')} with a body of {count(models, 'model')},"
        f" {count(queries, 'route')} with a query",
        f"{bodies + queries} unknown fields and parameters answered 400",
        failures,
    )


def _undeclared(endpoint: Endpoint, models: list[type[BaseModel]]) -> Iterator[str]:
    if endpoint.body is not None and not models:
        yield (
            f"{endpoint}: its body is {_name(endpoint.body)}, which takes anything: declare a"
            " subclass of Input"
        )
    for model in models:
        if model.model_config.get("extra") != "forbid":
            yield (
                f"{endpoint}: {model.__name__} lets unknown fields pass: make it a subclass of"
                " Input"
            )
    for name in endpoint.path_names:
        if endpoint.handler is not None and name not in endpoint.declared_path:
            yield f"{endpoint}: its handler does not declare {{{name}}}: give it a typed parameter"


def _loose(endpoint: Endpoint) -> Iterator[str]:
    """A body's size is limited as a whole; these go on to the database one by one."""
    for where, parameters in (("path", endpoint.declared_path), ("query", endpoint.query)):
        for name, parameter in parameters.items():
            missing = _missing_bounds(parameter.schema, parameter.schema.get("$defs", {}))
            if missing:
                yield (
                    f"{endpoint}: its {where} parameter {name} takes {missing}: declare"
                    f" Annotated[…, {where.title()}(…)] with bounds, or a type such as UUID or"
                    " Literal"
                )


def _missing_bounds(schema: Schema, definitions: Schema) -> str:
    if "$ref" in schema:
        return _missing_bounds(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    inner = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
    inner += [schema["items"]] if "items" in schema else []
    if inner:
        return next(filter(None, (_missing_bounds(one, definitions) for one in inner)), "")
    known = schema.keys()
    match schema.get("type"):
        case _ if known & {"enum", "const"}:
            return ""
        case "string":
            return "" if known & TEXT_BOUNDS else "text of any length"
        case "integer" | "number":
            return "" if known & LOWEST and known & HIGHEST else "numbers of any size"
        case "boolean" | "null":
            return ""
    return "anything"


async def _malformed_path(world: World, endpoint: Endpoint) -> list[str]:
    failures = []
    for name in endpoint.path_names:
        answer = await world.service.call(endpoint, world.few, path={name: NO_ID})
        if answer.status >= 500:
            failures.append(
                f"{endpoint}: {NO_ID!r} as {name} got {answer.status} instead of 404: declare the"
                " type that the database expects, such as UUID"
            )
    return failures


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models in an annotation, nested ones included."""
    seen: set[type[BaseModel]] = set()
    waiting = [annotation]
    while waiting:
        kind = waiting.pop()
        waiting += get_args(kind)
        if isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in seen:
            seen.add(kind)
            waiting += [known.annotation for known in kind.model_fields.values()]
            yield kind


def _refusal(endpoint: Endpoint, answer: Answer, what: str) -> Iterator[str]:
    details = answer.content.get("details", []) if isinstance(answer.content, dict) else []
    named = any(UNKNOWN in detail.get("path", "") for detail in details)
    if answer.status != 400 or not named:
        yield (
            f"{endpoint}: an unknown {what} got {answer.status} instead of a 400 that names it:"
            " let its schema refuse it (extra='forbid')"
        )


def _raw_reads() -> Iterator[str]:
    for path in python_files():
        name = path.relative_to(ROOT).as_posix()
        if name.startswith(f"{LIB}/"):
            continue
        for node in ast.walk(ast.parse(path.read_bytes())):
            raw = _raw_read(node)
            if raw:
                yield (
                    f"{name}:{raw.lineno}: reads `{ast.unparse(raw)}` past the schemas: declare"
                    " the input as a parameter of the handler"
                )


def _raw_read(node: ast.AST) -> ast.expr | None:
    if isinstance(node, ast.Attribute) and node.attr in READ:
        return node
    if isinstance(node, ast.Await) and _method(node.value) in AWAITED:
        return node.value
    if isinstance(node, ast.AsyncFor) and _method(node.iter) == "stream":
        return node.iter
    return None


def _method(expression: ast.expr) -> str:
    if isinstance(expression, ast.Call) and isinstance(expression.func, ast.Attribute):
        return expression.func.attr
    return ""


def _name(annotation: Any) -> str:
    return getattr(annotation, "__name__", str(annotation))
