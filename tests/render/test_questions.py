import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_copier.plugin import CopierFixture

ORDER = (
    "project_name company_name copyright_year "
    "backend_framework database_system orm_tool auth_system runtime_env validation_lib logging_lib "
    "shared_logger_package rate_limit_lib queue_system package_manager "
    "main_entity key_entities core_tables external_apis "
    "api_structure api_prefix constants_path schemas_path routes_path lib_path "
    "agent_tools"
).split()
PLACEHOLDERS = {
    "company_name": "COMPANY_NAME",
    "backend_framework": "BACKEND_FRAMEWORK",
    "database_system": "DATABASE_SYSTEM",
    "orm_tool": "ORM_TOOL",
    "auth_system": "AUTH_SYSTEM",
    "runtime_env": "RUNTIME_ENV",
    "validation_lib": "VALIDATION_LIB",
    "logging_lib": "LOGGING_LIB",
    "rate_limit_lib": "RATE_LIMIT_LIB",
    "queue_system": "QUEUE_SYSTEM",
    "package_manager": "PACKAGE_MANAGER",
    "main_entity": "MAIN_ENTITY",
    "key_entities": "KEY_ENTITIES",
    "core_tables": "CORE_TABLES",
    "external_apis": "EXTERNAL_APIS",
    "api_structure": "API_STRUCTURE",
    "constants_path": "CONSTANTS_PATH",
    "schemas_path": "SCHEMAS_PATH",
    "routes_path": "ROUTES_PATH",
    "lib_path": "LIB_PATH",
}
OFFERED = {
    "backend_framework": ["fastapi", "express"],
    "database_system": ["postgresql"],
    "orm_tool": ["sqlalchemy", "drizzle", "prisma", "typeorm", "sequelize"],
    "auth_system": ["jwt", "passport"],
    "runtime_env": ["container", "node"],
    "validation_lib": ["pydantic", "zod", "joi", "yup", "class_validator"],
    "logging_lib": ["structlog", "pino", "winston", "bunyan", "shared"],
    "rate_limit_lib": ["express_rate_limit", "custom", "redis_rate_limiter"],
    "queue_system": ["celery", "bullmq", "agenda", "sqs"],
    "package_manager": ["uv", "pip", "npm", "pnpm", "yarn", "bun"],
    "agent_tools": ["claude", "cursor", "copilot", "codex", "gemini"],
}
DOMAIN = {
    "company_name": "Acme Corp",
    "main_entity": "company",
    "key_entities": "feedback",
    "core_tables": "accounts, accounts_memberships, sdk_keys, feedback",
    "external_apis": {"apideck": "CRM sync"},
    "api_prefix": "/api/v1",
    "agent_tools": ["claude", "codex"],
}
# The first of each choice that goes with the framework, and where its code stands.
DEFAULTS: dict[str, dict[str, Any]] = {
    "fastapi": {
        "database_system": "postgresql",
        "orm_tool": "sqlalchemy",
        "auth_system": "jwt",
        "runtime_env": "container",
        "validation_lib": "pydantic",
        "logging_lib": "structlog",
        "rate_limit_lib": "custom",
        "queue_system": "celery",
        "package_manager": "uv",
        "api_structure": "app",
        "constants_path": "app/constants.py",
        "schemas_path": "app/{entity}/schemas.py",
        "routes_path": "app/{entity}/routes.py",
        "lib_path": "app/lib",
    },
    "express": {
        "database_system": "postgresql",
        "orm_tool": "drizzle",
        "auth_system": "jwt",
        "runtime_env": "container",
        "validation_lib": "zod",
        "logging_lib": "pino",
        "rate_limit_lib": "express_rate_limit",
        "queue_system": "bullmq",
        "package_manager": "npm",
        "api_structure": "src",
        "constants_path": "src/constants.ts",
        "schemas_path": "src/{entity}/schemas.ts",
        "routes_path": "src/{entity}/routes.ts",
        "lib_path": "src/lib",
    },
}


@pytest.fixture
def answers(copier: CopierFixture, tmp_path: Path) -> Any:
    """Answer the questions as --defaults would, without rendering anything."""

    def ask(folder: str = "shop", **given: Any) -> dict[str, Any]:
        worker = copier.worker(tmp_path / folder, **given)
        with worker:
            worker._ask()
            return dict(worker._answers_to_remember())

    return ask


def test_the_order_is_the_one_in_which_a_person_thinks(questions: dict[str, Any]) -> None:
    assert list(questions) == ORDER


@pytest.mark.parametrize(("question", "placeholder"), PLACEHOLDERS.items())
def test_the_help_names_the_placeholder(
    questions: dict[str, Any], question: str, placeholder: str
) -> None:
    assert questions[question]["help"].startswith(f"[{placeholder}] ")


@pytest.mark.parametrize("question", ORDER)
def test_every_question_has_help_with_an_example(questions: dict[str, Any], question: str) -> None:
    if question != "copyright_year":
        assert re.search(r"e\.g\. |: per entity ", questions[question]["help"])


@pytest.mark.parametrize("question", ORDER)
def test_every_answer_is_vetted_from_outside_and_at_the_prompt(
    questions: dict[str, Any], question: str
) -> None:
    spec = questions[question]
    assert f"vetted('{question}')" in spec["ask"]
    if question in OFFERED and question != "agent_tools":
        for choice in spec["choices"].values():
            refusal = f"refusal('{question}', '{choice['value']}')"
            assert choice["validator"] == f"{{{{ {refusal} }}}}"
    else:
        assert spec["validator"] == f"{{{{ problem('{question}') }}}}"


@pytest.mark.parametrize(("question", "choices"), OFFERED.items())
def test_only_what_works_is_offered(
    questions: dict[str, Any], question: str, choices: list[str]
) -> None:
    offered = questions[question]["choices"].values()
    assert [item["value"] if isinstance(item, dict) else item for item in offered] == choices


@pytest.mark.parametrize("question", OFFERED)
def test_labels_are_aligned(questions: dict[str, Any], question: str) -> None:
    labels = [label for label in questions[question]["choices"] if "  " in label]
    starts = {re.search(r"^(\S+ )*\S+ +", label).end() for label in labels}  # type: ignore[union-attr]
    assert len(starts) <= 1


@pytest.mark.parametrize("framework", DEFAULTS)
def test_defaults_follow_the_framework(answers: Any, framework: str) -> None:
    found = answers(backend_framework=framework)
    wanted = DOMAIN | DEFAULTS[framework]
    assert found["project_name"] == "shop"
    assert found["copyright_year"] == str(datetime.now(UTC).year)
    assert {name: found[name] for name in wanted} == wanted
    assert "shared_logger_package" not in found


def test_the_first_framework_is_the_default(answers: Any) -> None:
    assert answers()["backend_framework"] == "fastapi"


def test_the_help_shows_the_paths_of_the_framework(copier: CopierFixture, tmp_path: Path) -> None:
    for framework, defaults in DEFAULTS.items():
        with copier.worker(tmp_path / "shop", backend_framework=framework) as worker:
            worker._ask()
            for question in ("constants_path", "schemas_path", "routes_path"):
                text = worker.template.questions_data[question]["help"]
                assert str(defaults[question]) in worker._render_string(text)


@pytest.mark.parametrize(
    ("given", "derived"),
    [
        ({"main_entity": "feedback"}, {"key_entities": "orders"}),
        (
            {"key_entities": "tasks, posts"},
            {"core_tables": "accounts, accounts_memberships, sdk_keys, tasks, posts"},
        ),
        (
            {"api_structure": "src/api"},
            {
                "constants_path": "src/api/constants.py",
                "schemas_path": "src/api/{entity}/schemas.py",
                "routes_path": "src/api/{entity}/routes.py",
                "lib_path": "src/api/lib",
            },
        ),
        (
            {"backend_framework": "express", "api_structure": "server"},
            {
                "constants_path": "server/constants.ts",
                "schemas_path": "server/{entity}/schemas.ts",
                "lib_path": "server/lib",
            },
        ),
        ({"logging_lib": "shared"}, {"shared_logger_package": "acme_corp_shared_logger"}),
        (
            {"logging_lib": "shared", "company_name": '"3M" & Ж'},
            {"shared_logger_package": "company_3m_shared_logger"},
        ),
    ],
)
def test_defaults_follow_earlier_answers(
    answers: Any, given: dict[str, Any], derived: dict[str, Any]
) -> None:
    found = answers(**given)
    assert {name: found[name] for name in derived} == derived


@pytest.mark.parametrize(
    "folder", ["My Shop", "fastapi", "express", "aux", "2026", "Ж", "a" * 120, "x.y_z"]
)
def test_every_folder_gives_a_sound_project_name(answers: Any, folder: str) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", answers(folder)["project_name"])


def test_the_year_is_remembered(copier: CopierFixture, tmp_path: Path) -> None:
    project = copier.copy(tmp_path / "shop", copyright_year="1999")
    again = copier.copy(project.path)
    assert again.answers["copyright_year"] == "1999"
