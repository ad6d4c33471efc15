import keyword
from typing import Any

import pytest

from .conftest import Value

SPREAD: dict[str, Any] = {
    "key_entities": "feedback, order_items",
    "api_structure": "src/api",
    "constants_path": "config/limits.py",
    "schemas_path": "src/schemas",
    "routes_path": "views.py",
    "lib_path": "kit",
}


def test_feature_folders_are_the_default(value: Value) -> None:
    (routes,) = value("modules.routes")
    assert (routes.path, routes.module) == ("app/feedback/routes.py", "app.feedback.routes")
    assert routes.alias == "feedback_routes"
    assert [entity.name for entity in routes.entities] == ["feedback"]


def test_one_file_holds_all_entities(value: Value) -> None:
    (routes,) = value("modules.routes", **SPREAD)
    assert (routes.path, routes.module, routes.alias) == ("views.py", "views", "entity_routes")
    assert [entity.name for entity in routes.entities] == ["feedback", "order_items"]


def test_a_folder_gets_a_file_per_entity(value: Value) -> None:
    schemas = value("modules.schemas", **SPREAD)
    assert [module.path for module in schemas] == [
        "src/schemas/feedback.py",
        "src/schemas/order_items.py",
    ]


def test_a_pattern_may_name_the_entity_anywhere(value: Value) -> None:
    (routes,) = value("modules.routes", routes_path="web/{entity}_api.py")
    assert (routes.path, routes.module) == ("web/feedback_api.py", "web.feedback_api")


def test_the_rest_of_a_feature_stays_with_the_api(value: Value) -> None:
    for kind in ("models", "repository", "service"):
        paths = [module.path for module in value(f"modules.{kind}", **SPREAD)]
        assert paths == [f"src/api/feedback/{kind}.py", f"src/api/order_items/{kind}.py"]


def test_entities_know_their_modules(value: Value) -> None:
    entity = value("entities[1]", **SPREAD)
    assert entity.module.routes == "views"
    assert entity.module.schemas == "src.schemas.order_items"
    assert entity.module.models == "src.api.order_items.models"
    assert value("main.module.routes", **SPREAD) == "src.api.companies.routes"


def test_import_paths(value: Value) -> None:
    paths = [value(name, **SPREAD) for name in ("app_package", "lib_package", "constants_module")]
    assert paths == ["src.api", "kit", "config.limits"]


def test_packages_hold_every_module(value: Value) -> None:
    packages = value("packages", **SPREAD)
    assert {"src", "src/api", "src/api/order_items", "src/schemas", "kit", "config"} <= set(
        packages
    )
    assert "src/api/companies" in packages
    assert packages == sorted(set(packages))


def test_source_roots(value: Value) -> None:
    assert value("source_roots") == ["app"]
    assert value("source_roots", **SPREAD) == ["config", "kit", "src", "views.py"]


@pytest.mark.parametrize("answers", [{}, SPREAD])
def test_aliases_are_identifiers_and_unique(value: Value, answers: dict[str, Any]) -> None:
    modules = [
        module
        for kind in ("routes", "schemas", "models", "repository", "service")
        for module in value(f"modules.{kind}", **answers)
    ]
    aliases = [module.alias for module in modules]
    assert len(set(aliases)) == len(aliases)
    assert all(alias.isidentifier() and not keyword.iskeyword(alias) for alias in aliases)


EXPRESS: dict[str, Any] = {
    "backend_framework": "express",
    "key_entities": "feedback, order_items",
    "api_structure": "src/api",
    "constants_path": "config/limits.ts",
    "schemas_path": "src/shapes/{entity}-io.ts",
    "routes_path": "src/api/web",
    "lib_path": "src/api/lib",
}


def test_typescript_names_folders_by_slugs_and_imports_by_subpaths(value: Value) -> None:
    entity = value("entities[1]", **EXPRESS)
    assert entity.module.models == "#app/order-items/models"
    assert entity.module.output == "#app/order-items/output"
    assert entity.module.routes == "#app/web/order-items"
    assert entity.module.schemas == "#root/src/shapes/order-items-io"
    module = value("modules.schemas[1]", **EXPRESS)
    assert (module.path, module.alias) == ("src/shapes/order-items-io.ts", "orderItemsSchemas")


def test_a_file_in_the_library_or_of_the_constants_has_their_subpath(value: Value) -> None:
    layout = value("layout", **EXPRESS)
    assert layout.imported("src/api/lib/errors.ts") == "#lib/errors"
    assert layout.imported("config/limits.ts") == "#constants"
