"""The lists of reserved names are complete: they are held against the code that comes out."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel
from pytest_copier.plugin import CopierFixture

from .conftest import ROOT, Render, Rendered, read_answers, sets_of

FRAMEWORK = read_answers(ROOT / "extensions" / "frameworks.yml")["fastapi"]
RESERVED = read_answers(ROOT / "extensions" / "reserved.yml")


def entity_modules(project: Rendered) -> Iterator[tuple[Path, ast.Module]]:
    modules = project.context["modules"]
    for kind in ("routes", "schemas", "models", "repository", "service"):
        for module in getattr(modules, kind):
            path = project.path / module.path
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def names_of(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.ClassDef):
            yield node.name


@pytest.mark.parametrize("name", sets_of("fastapi"))
def test_no_entity_can_take_the_name_of_a_class_that_its_modules_use(
    rendered: Render, name: str
) -> None:
    project = rendered(name)
    entities = [*project.context["entities"], project.context["main"]]
    own = tuple(entity.cls for entity in entities)
    used = {
        found
        for _, tree in entity_modules(project)
        for found in names_of(tree)
        # An entity's class name is in Pascal case, so that UUID and JSONB are out of reach.
        if re.fullmatch(r"([A-Z][a-z0-9]+)+", found) and not found.startswith(own)
    }
    assert used - set(FRAMEWORK["classes"].split()) == set()


@pytest.mark.parametrize("name", sets_of("fastapi"))
def test_what_is_appended_to_the_name_of_an_entity_is_known(rendered: Render, name: str) -> None:
    project = rendered(name)
    for entity in [*project.context["entities"], project.context["main"]]:
        module = project.path / f"{entity.module.schemas.replace('.', '/')}.py"
        classes = [
            node.name
            for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
            if isinstance(node, ast.ClassDef) and node.name.startswith(entity.cls)
        ]
        assert classes
        suffixes = {found.removeprefix(entity.cls) for found in classes}
        assert suffixes <= set(FRAMEWORK["suffixes"].split())


def test_every_table_of_the_service_is_reserved(rendered: Render) -> None:
    project = rendered("defaults")
    created = {
        table
        for path in (project.path / "migrations" / "versions").glob("*.py")
        for found in re.findall(
            r"create_table\(\s*\"(\w+)\"|CREATE TABLE (?:app\.)?(\w+)", path.read_text()
        )
        for table in found
        if table
    }
    own = {entity.table for entity in [*project.context["entities"], project.context["main"]]}
    assert created - own <= set(RESERVED["tables"].split())


def test_every_route_of_the_service_is_reserved(rendered: Render) -> None:
    project = rendered("defaults")
    segments = set()
    for path in (project.path / "app").rglob("routes.py"):
        source = path.read_text()
        prefixes = re.findall(r"APIRouter\([^)]*prefix=\"/([a-z][a-z-]*)", source)
        segments |= set(prefixes or re.findall(r"@router\.\w+\(\s*\"/([a-z][a-z-]*)", source))
    own = {entity.slug for entity in [*project.context["entities"], project.context["main"]]}
    assert segments - own <= set(RESERVED["segments"].split())


AWKWARD = {
    "inherited": [
        name for name in dir(BaseModel) if re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name)
    ],
    "used": (
        "metadata registry datetime decimal str int bool list type text object query uuid session "
        "body caller row name value data error status path message limits cursor models service "
        "repository router func absent"
    ).split(),
}


def test_awkward_fields_give_sound_models(copier: CopierFixture, tmp_path: Path) -> None:
    specs = {name: dict.fromkeys(fields, "string?") for name, fields in AWKWARD.items()}
    project = Rendered(copier.copy(tmp_path / "shop", key_entities=specs))
    for path, tree in entity_modules(project):
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
        for node in classes:
            fields = [
                item.target.id
                for item in node.body
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
            ]
            assert len(set(fields)) == len(fields), path
            assert not {field for field in fields if hasattr(BaseModel, field)}, path
