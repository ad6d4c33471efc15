import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

ROOT = Path(__file__).resolve().parents[2]


def load_extension(name: str) -> ModuleType:
    """Load an extension file as Copier's loader does: by path, on its own."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "extensions" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def config() -> dict[str, Any]:
    """The template's copier.yml."""
    data: dict[str, Any] = yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8"))
    return data


@pytest.fixture
def environment(config: dict[str, Any]) -> SandboxedEnvironment:
    """A Jinja environment with all the template's extensions."""
    return SandboxedEnvironment(
        loader=FileSystemLoader(ROOT),
        extensions=config["_jinja_extensions"],
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


ANSWERS: dict[str, Any] = {
    "project_name": "shop",
    "company_name": "Acme Corp",
    "copyright_year": "2026",
    "backend_framework": "fastapi",
    "database_system": "postgresql",
    "orm_tool": "sqlalchemy",
    "auth_system": "jwt",
    "runtime_env": "container",
    "validation_lib": "pydantic",
    "logging_lib": "structlog",
    "shared_logger_package": "acme_shared_logger",
    "rate_limit_lib": "custom",
    "queue_system": "celery",
    "package_manager": "uv",
    "main_entity": "company",
    "key_entities": "feedback",
    "core_tables": "accounts, feedback",
    "external_apis": {"apideck": "CRM sync"},
    "api_structure": "app",
    "api_prefix": "/api/v1",
    "constants_path": "app/constants.py",
    "schemas_path": "app/{entity}/schemas.py",
    "routes_path": "app/{entity}/routes.py",
    "lib_path": "app/lib",
    "agent_tools": ["claude"],
}

Value = Callable[..., Any]


@pytest.fixture
def value(environment: SandboxedEnvironment) -> Value:
    """Evaluate a Jinja expression for the default answers with some of them changed."""

    def evaluate(expression: str, **answers: Any) -> Any:
        return environment.compile_expression(expression, undefined_to_none=False)(
            **{**ANSWERS, **answers}
        )

    return evaluate
