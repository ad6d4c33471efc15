"""Excerpts of the generated code: what the prompt shows is what the repo runs."""

import os
import re
import textwrap
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any, Self

from copier.errors import UserMessageError
from jinja2 import pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context

TEMPLATE = Path(__file__).resolve().parent.parent / "template"
YIELD = re.compile(r"\{%-?\s*yield (?P<name>\w+) from (?P<iterable>.+?)\s*-?%\}")
END_YIELD = re.compile(r"\{%-?\s*endyield\s*-?%\}")
# In a comment: code has properties of this name.
REGION = re.compile(r"(?:#|//|--) region: (?P<name>[a-z][a-z0-9-]*)")
MARKER = re.compile(r"(?:#|//|--) (endregion\b|region: [a-z])")


class Excerpt(str):
    """The text of a region, and the generated file that it is in."""

    __slots__ = ("path",)

    path: str

    def __new__(cls, text: str, path: str) -> Self:
        """Keep the path beside the text."""
        excerpt = super().__new__(cls, text)
        excerpt.path = path
        return excerpt


def find_regions(
    template: Path, enters: Callable[[str], bool] = lambda folder: True
) -> dict[str, list[Path]]:
    """Return the template files that hold each region, in the folders to enter alone."""
    found: dict[str, list[Path]] = {}
    for folder, folders, files in os.walk(template):
        folders[:] = sorted(name for name in folders if enters(name))
        for path in (Path(folder, name) for name in sorted(files)):
            if not path.is_symlink():
                text = path.read_text(encoding="utf-8", errors="ignore")
                for name in set(REGION.findall(text)):
                    found.setdefault(name, []).append(path)
    return found


def region_of(text: str, region: str, where: str) -> str:
    """Return the dedented lines between a region's two markers."""
    lines = text.splitlines()
    starts = [
        number
        for number, line in enumerate(lines)
        if (match := REGION.search(line)) and match["name"] == region
    ]
    if len(starts) != 1:
        raise UserMessageError(f"Region {region} is in {where} {len(starts)} times, not once")
    body = lines[starts[0] + 1 :]
    markers = [number for number, line in enumerate(body) if MARKER.search(line)]
    if not markers or "endregion" not in body[markers[0]]:
        raise UserMessageError(f"Region {region} in {where} has no endregion")
    return textwrap.dedent("\n".join(body[: markers[0]])).strip("\n")


class ExcerptsExtension(Extension):
    """Registers ``excerpt``."""

    def __init__(self, environment: Any) -> None:
        """Register the function; the template is searched when it is first called."""
        super().__init__(environment)

        def regions(context: Context) -> dict[str, list[Path]]:
            """Leave out the folders of choices that were not taken, however many there are."""

            def enters(folder: str) -> bool:
                if "{{ on." not in folder:
                    return True
                return bool(environment.from_string(folder).render(context.get_all()))

            return find_regions(TEMPLATE, enters)

        def emitted(context: Context, path: Path) -> tuple[str, dict[str, Any]] | None:
            """Return the generated path and its loop variables, or None when it is not emitted."""
            parts: list[str] = []
            extra: dict[str, Any] = {}
            for name in path.relative_to(TEMPLATE).parts:
                part = END_YIELD.sub("", YIELD.sub("", name))
                if match := YIELD.search(name):
                    iterable = environment.compile_expression(match["iterable"])
                    first = next(iter(iterable(context.get_all()) or ()), None)
                    if first is None:
                        return None
                    extra[match["name"]] = first
                rendered = environment.from_string(part).render({**context.get_all(), **extra})
                if not rendered:
                    return None
                parts.append(rendered)
            return PurePosixPath(*parts).as_posix().removesuffix(".jinja"), extra

        @pass_context
        def excerpt(context: Context, region: str) -> Excerpt:
            active = [
                (source, *place)
                for source in context["regions"].get(region, [])
                if (place := emitted(context, source)) is not None
            ]
            if len(active) != 1:
                raise UserMessageError(
                    f"Region {region} is in {len(active)} files of this stack, not in one"
                )
            source, path, extra = active[0]
            name = source.relative_to(TEMPLATE.parent).as_posix()
            if source.suffix != ".jinja":
                text = source.read_text(encoding="utf-8")
            else:
                text = environment.get_template(name).render({**context.get_all(), **extra})
            return Excerpt(region_of(text, region, name), path)

        environment.derived.derivations["regions"] = regions
        environment.globals["excerpt"] = excerpt
