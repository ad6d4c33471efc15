"""What may stand in a fleet.yml: a JSON schema, for editors and for the loader alike."""

import re
from typing import Any

import yaml

from fleet import TEMPLATE

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def _text(description: str) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "description": description}


def _closed(description: str, properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _question(question: dict[str, Any]) -> dict[str, Any]:
    """Describe an answer: the template itself judges it, so any is let through here."""
    choices = question.get("choices", {})
    values = [one["value"] if isinstance(one, dict) else one for one in choices.values()]
    offered = [[value] for value in values] if question.get("multiselect") else values
    return {"description": _plain(question["help"])} | ({"examples": offered} if offered else {})


def _plain(words: str) -> str:
    """Return a question's words without what differs by stack, as a fleet has services of each."""
    words = re.sub(r"e\.g\. \{\{[^}]*\}\} or ", "e.g. ", words)
    words = re.sub(r", e\.g\. \{\{[^}]*\}\}", "", words)
    return re.sub(r"\{\{[^}]*\}\}", "its own", words)


def schema() -> dict[str, Any]:
    """Return the schema: its own keys, and as answers the questions of copier.yml."""
    config = yaml.safe_load((TEMPLATE / "copier.yml").read_text(encoding="utf-8"))
    questions = {name: one for name, one in config.items() if not name.startswith("_")}
    service = _closed(
        "A service, which has a repository of its own",
        {
            "folder": _text("Where it is, from the folder of this file on"),
            "answers": {"$ref": "#/$defs/answers", "description": "Its own answers"},
        },
        "folder",
    )
    return {
        "$schema": DRAFT,
        "title": "fleet.yml of Backend Architect",
        **_closed(
            "The services of an organisation",
            {
                "template": _text("URL of the template, or its folder; without it, the one here"),
                "version": _text("Tag of the template to be at; without it, the newest release"),
                "defaults": {"$ref": "#/$defs/answers", "description": "Answers of all services"},
                "services": {"type": "array", "items": service, "description": "The services"},
            },
            "services",
        ),
        "$defs": {
            "answers": _closed(
                "Answers to the questions of the template",
                {name: _question(question) for name, question in questions.items()},
            )
        },
    }
