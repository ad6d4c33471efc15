"""The answers file of a service against what fleet.yml wants: nothing is rendered here."""

from pathlib import Path
from typing import Any

import yaml

from fleet.config import Fleet, Service
from fleet.report import Row, State

FILE = ".copier-answers.yml"
STACK = ("backend_framework", "database_system", "orm_tool")
# These are asked as YAML, and may be given as YAML or as its text.
AS_YAML = frozenset({"key_entities", "external_apis"})


def recorded(folder: Path) -> dict[str, Any] | None:
    """Return what the service was generated with, or None if nothing tells."""
    try:
        answers = yaml.safe_load((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None
    return answers if isinstance(answers, dict) else None


def stack(answers: dict[str, Any]) -> str:
    """Return the stack in a few words."""
    return " · ".join(str(answers[one]) for one in STACK if one in answers)


def changed(wanted: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Return the answers that differ. One that was not recorded was not asked for."""
    return {
        name: answer
        for name, answer in wanted.items()
        if name in before and _plain(name, answer) != _plain(name, before[name])
    }


def _plain(name: str, answer: Any) -> Any:
    if name in AS_YAML and isinstance(answer, str):
        return yaml.safe_load(answer)
    return answer if isinstance(answer, list | dict) else str(answer)


def status(fleet: Fleet, service: Service) -> Row:
    """Tell how a service stands by its answers file alone."""
    if not service.folder.exists():
        return Row(service.name, State.MISSING, next_step="fleet apply")
    answers = recorded(service.folder)
    if answers is None:
        return Row(service.name, State.FOREIGN, next_step=f"see why it has no readable {FILE}")
    row = Row(service.name, State.THERE, stack(answers), str(answers.get("_commit", "–")))
    if different := changed(service.answers, answers):
        row.state = State.BEHIND
        row.next_step = f"fleet apply: {', '.join(different)} changed"
    elif fleet.version is not None:
        is_there = row.version == fleet.version
        row.state = State.CURRENT if is_there else State.BEHIND
        row.next_step = "–" if is_there else f"fleet apply: {fleet.version} is wanted"
    return row
