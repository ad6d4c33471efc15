"""Reads a fleet.yml, and tells in a line each what is wrong with it."""

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from fleet import TEMPLATE

SCHEMA = Path(__file__).with_name("fleet.schema.json")


class BadFleet(Exception):
    """A fleet.yml that cannot be used: a line for each problem."""


@dataclass(frozen=True)
class Service:
    """A service as it should be."""

    name: str
    folder: Path
    answers: dict[str, Any]


@dataclass(frozen=True)
class Fleet:
    """The services of a fleet.yml, and the version of the template they should be at."""

    template: str
    version: str | None
    services: tuple[Service, ...]

    def shard(self, number: int, of: int) -> "Fleet":
        """Return the fleet with every `of`-th service alone, from the `number`-th on."""
        return Fleet(self.template, self.version, self.services[number - 1 :: of])


def load(path: Path) -> Fleet:
    """Read the file; raise BadFleet for what is wrong with it."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadFleet(f"{path}: {getattr(error, 'strerror', None) or 'is no UTF-8'}") from error
    except yaml.YAMLError as error:
        raise BadFleet(f"{path}: {' '.join(str(error).split())}") from error
    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    problems = [line for error in validator.iter_errors(data) for line in _lines(error)]
    root = path.resolve().parent
    problems = problems or list(_misplaced(data["services"], root))
    if problems:
        raise BadFleet("\n".join(f"{path}: {problem}" for problem in problems))
    defaults = data.get("defaults", {})
    services = tuple(
        Service(
            one["folder"],
            (root / one["folder"]).resolve(),
            defaults | one.get("answers", {}),
        )
        for one in data["services"]
    )
    return Fleet(_source(data.get("template"), root), data.get("version"), services)


def _source(template: str | None, root: Path) -> str:
    if template is None:
        return str(TEMPLATE)
    # A folder is one on this machine; Copier itself knows the rest.
    folder = root / Path(template).expanduser()
    return str(folder.resolve()) if folder.is_dir() else template


def _lines(error: ValidationError) -> Iterator[str]:
    where = "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path
    ).lstrip(".")
    prefix = f"{where}: " if where else ""
    if error.validator != "additionalProperties":
        yield prefix + error.message.splitlines()[0]
        return
    schema: Any = error.schema
    instance: Any = error.instance
    known = list(schema["properties"])
    is_answers = error.absolute_path and error.absolute_path[-1] in {"answers", "defaults"}
    for key in instance:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            yield f"{prefix}unknown {'question' if is_answers else 'key'} {key}; {hint}"


def _misplaced(services: list[dict[str, Any]], root: Path) -> Iterator[str]:
    taken: dict[Path, int] = {}
    for number, service in enumerate(services):
        folder = (root / service["folder"]).resolve()
        where = f"services[{number}]: folder {service['folder']}"
        if folder == root or not folder.is_relative_to(root):
            yield f"{where} is not below the folder of the file"
        for other, first in taken.items():
            if folder == other:
                yield f"{where} is that of services[{first}], too"
            elif folder.is_relative_to(other) or other.is_relative_to(folder):
                yield f"{where} and that of services[{first}] lie in each other"
        taken.setdefault(folder, number)
