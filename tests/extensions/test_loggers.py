"""What a shared logger may be called, in each language."""

from typing import Any

import pytest
from jinja2.sandbox import SandboxedEnvironment

from .conftest import ANSWERS, Value

GOOD = ["@acme/logger", "@kit/shared/logger", "kit-logger", "kit_logger/json", "a1.log/x"]
BAD = {
    "@acme": "write what the code imports",
    "@Acme/logger": "write what the code imports",
    "../logger": "write what the code imports",
    "node:fs": "write what the code imports",
    "@acme/../x": "write what the code imports",
    "@acme/logger;x": "write what the code imports",
    "a/b/c/d/e": "write what the code imports",
    "": "write what the code imports",
    "fs": "a package that the service has anyway",
    "pino/file": "a package that the service has anyway",
    "node_modules": "a package that the service has anyway",
    "@acme/nul": "nul is a device name",
    "shop": "the project's own name",
    "k" * 61: "write what the code imports",
}


def judge(environment: Any, name: str) -> None:
    answers = ANSWERS | {"backend_framework": "express", "shared_logger_package": name}
    context = environment.from_string("").new_context(answers)
    environment.derived.judges["shared_logger_package"](context, name)


@pytest.mark.parametrize("name", GOOD)
def test_what_npm_can_install_and_node_import_is_taken(
    environment: SandboxedEnvironment, name: str
) -> None:
    judge(environment, name)


@pytest.mark.parametrize("name", BAD)
def test_anything_else_is_refused(environment: SandboxedEnvironment, name: str) -> None:
    with pytest.raises(ValueError, match=BAD[name]):
        judge(environment, name)


def test_the_package_is_told_from_what_it_exports(value: Value) -> None:
    given = {"backend_framework": "express", "shared_logger_package": "@kit/shared/logger"}
    assert value("shared_logger_distribution", **given) == "@kit/shared"
    assert value("shared_logger_folder", **given) == "kit-shared"
    assert value("shared_logger_distribution") == "acme-shared-logger"


def test_the_default_is_the_companys(value: Value) -> None:
    assert value("default_logger()") == "acme_corp_shared_logger"
    assert value("default_logger()", backend_framework="express") == "@acme-corp/logger"
