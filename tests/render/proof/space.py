"""The dimensions of the covering set: each value of each question, and classes of free answers."""

from typing import Any

from .oracle import LANGUAGE_OF_FRAMEWORK, clashes

TOOLS = ("claude", "cursor", "copilot", "codex", "gemini")
NASTY = (
    """'''Zo\u00eb's "`$(x)` {{ b }} {% c %} {# d # -- </script> \\n \\ %s ${e} \u05d0 \U0001f680"""
)
ENTITIES: dict[str, Any] = {
    "feedback": "feedback",
    "names": ["invoices", "news", "boxes"],
    "every_type": {
        "deals": {
            "sku": "string(1..40) unique",
            "note": "text?",
            "count": "integer unique",
            "price": "decimal? unique",
            "open": "boolean?",
            "due_at": "datetime? unique",
            "state": "enum(draft|in-progress|paid)?",
            "extra": "json?",
        },
    },
    "references": {
        "lines": {"deal": "reference(deals) unique", "parent": "reference(lines)?"},
        "deals": {"title": "string", "state": "enum(a, b)"},
        "feedback": None,
    },
    "bare_minimum": {"flags": {"a": "boolean"}},
    "awkward": {
        "axes": {"metadata": "json", "type": "text?", "data": "string(0..10000)?", "x1": "integer"},
        "quizzes": {"session": "datetime", "limits": "decimal"},
    },
}
MAIN = {"company": "company", "plural": "people", "two_words": "buying_group"}
APIS: dict[str, Any] = {
    "default": {"apideck": "CRM sync"},
    "names": "stripe, sendgrid",
    "purposes": {"send_grid": "`e-mail`: {{ x }} # 'now' \"y\" \\ |", "x1": "a" * 200},
}
# {home} is where a language's code stands by default, {suffix} the suffix of its files.
PATHS = {
    "api_structure": {"default": "{home}", "src": "src/api", "deep": "services/shop/backend/http"},
    "api_prefix": {"default": "/api/v1", "short": "/v1", "long": "/shop-2/open.api/v_1"},
    "constants_path": {
        "default": "{app}/constants{suffix}",
        "config": "config/settings{suffix}",
        "file": "fixed{suffix}",
    },
    "schemas_path": {
        "default": "{app}/{entity}/schemas{suffix}",
        "pattern": "contracts/{entity}_io{suffix}",
        "folder": "data/shapes",
        "file": "shapes{suffix}",
    },
    "routes_path": {
        "default": "{app}/{entity}/routes{suffix}",
        "pattern": "web/{entity}/views{suffix}",
        "folder": "endpoints",
        "file": "views{suffix}",
    },
    "lib_path": {"default": "{app}/lib", "root": "kit", "shared": "contracts/shared"},
}
HOMES = {"python": ("app", ".py"), "typescript": ("src", ".ts")}
LOGGERS = {"python": "house_logs", "typescript": "@house/logs/json"}
FREE = {*TOOLS, *PATHS, "company_name", "main_entity", "key_entities", "external_apis"}
COMPANY = {"acme": "Acme Corp", "short": "X", "nasty": NASTY, "long": "Wä& " * 24 + "Ende"}


def dimensions(choices: dict[str, list[str]], framework: str) -> dict[str, list[str]]:
    """Return every dimension of a framework with the names of its values.

    The options are those of copier.yml that go with the framework.
    """
    options = {
        question: [one for one in offered if goes(framework, {question: one})]
        for question, offered in choices.items()
        if question not in ("agent_tools", "backend_framework")
    }
    return {
        "backend_framework": [framework],
        **options,
        "company_name": list(COMPANY),
        "main_entity": list(MAIN),
        "key_entities": list(ENTITIES),
        "external_apis": list(APIS),
        **{question: list(answers) for question, answers in PATHS.items()},
        **{tool: ["with", "without"] for tool in TOOLS},
    }


def answers_of(row: dict[str, str], choices: dict[str, list[str]]) -> dict[str, Any]:
    """Return the answers that a row of the covering set stands for."""
    language = LANGUAGE_OF_FRAMEWORK[row["backend_framework"]]
    home, suffix = HOMES[language]
    app = PATHS["api_structure"][row["api_structure"]].replace("{home}", home)
    paths = {
        name: PATHS[name][row[name]]
        .replace("{home}", home)
        .replace("{app}", app)
        .replace("{suffix}", suffix)
        for name in PATHS
    }
    is_shared = row["logging_lib"] == "shared"
    shared = {"shared_logger_package": LOGGERS[language]} if is_shared else {}
    return {
        **{question: row[question] for question in choices if question != "agent_tools"},
        **shared,
        "company_name": COMPANY[row["company_name"]],
        "main_entity": MAIN[row["main_entity"]],
        "key_entities": ENTITIES[row["key_entities"]],
        "external_apis": APIS[row["external_apis"]],
        **paths,
        "agent_tools": [tool for tool in TOOLS if row[tool] == "with"],
    }


def goes(framework: str, row: dict[str, str]) -> bool:
    """Tell whether nothing speaks against the options of a row, full or not."""
    options = {question: one for question, one in row.items() if question not in FREE}
    return not any(clashes({**options, "backend_framework": framework}))


def has_a_tool(row: dict[str, str]) -> bool:
    """Tell whether a row, full or not, may still name an agent tool: one there must be."""
    return any(row.get(tool) != "without" for tool in TOOLS)


def legal(row: dict[str, str]) -> bool:
    """Tell whether a row, full or not, may be completed."""
    framework = row.get("backend_framework")
    return has_a_tool(row) and (framework is None or goes(framework, row))
