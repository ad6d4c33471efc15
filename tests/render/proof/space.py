"""The dimensions of the covering set: each value of each question, and classes of free answers."""

from typing import Any

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
PATHS = {
    "api_structure": {"app": "app", "src": "src/api", "deep": "services/shop/backend/http"},
    "api_prefix": {"default": "/api/v1", "short": "/v1", "long": "/shop-2/open.api/v_1"},
    "constants_path": {
        "default": "{app}/constants.py",
        "config": "config/settings.py",
        "file": "fixed.py",
    },
    "schemas_path": {
        "default": "{app}/{entity}/schemas.py",
        "pattern": "contracts/{entity}_io.py",
        "folder": "data/shapes",
        "file": "shapes.py",
    },
    "routes_path": {
        "default": "{app}/{entity}/routes.py",
        "pattern": "web/{entity}/views.py",
        "folder": "endpoints",
        "file": "views.py",
    },
    "lib_path": {"default": "{app}/lib", "root": "kit", "shared": "contracts/shared"},
}
COMPANY = {"acme": "Acme Corp", "short": "X", "nasty": NASTY, "long": "Wä& " * 24 + "Ende"}


def dimensions(choices: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return every dimension with the names of its values; options come from copier.yml."""
    return {
        **{question: offered for question, offered in choices.items() if question != "agent_tools"},
        "company_name": list(COMPANY),
        "main_entity": list(MAIN),
        "key_entities": list(ENTITIES),
        "external_apis": list(APIS),
        **{question: list(answers) for question, answers in PATHS.items()},
        **{tool: ["with", "without"] for tool in TOOLS},
    }


def answers_of(row: dict[str, str], choices: dict[str, list[str]]) -> dict[str, Any]:
    """Return the answers that a row of the covering set stands for."""
    app = PATHS["api_structure"][row["api_structure"]]
    paths = {name: PATHS[name][row[name]].replace("{app}", app) for name in PATHS}
    shared = {"shared_logger_package": "house_logs"} if row["logging_lib"] == "shared" else {}
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


def has_a_tool(row: dict[str, str]) -> bool:
    """Tell whether a row, full or not, may still name an agent tool: one there must be."""
    return any(row.get(tool) != "without" for tool in TOOLS)
