"""The chosen stack: ``on`` for paths, ``refusal`` for choices."""

from pathlib import Path
from typing import Any

import yaml
from copier.errors import UserMessageError
from jinja2 import Environment, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context

HERE = Path(__file__).parent


def offered(question: dict[str, Any]) -> list[str]:
    """Return the values that a question's choices stand for."""
    choices = question.get("choices", [])
    values = choices.values() if isinstance(choices, dict) else choices
    return [value["value"] if isinstance(value, dict) else value for value in values]


class Choices:
    """The choices of one question: ``.`` for the answer, nothing for the others."""

    def __init__(self, question: str, known: list[str], answer: Any) -> None:
        """Remember what may be asked for and what was answered."""
        self._question = question
        self._known = known
        self._chosen = answer if isinstance(answer, list) else [answer]

    def __getattr__(self, choice: str) -> str:
        """Return the path part of a choice."""
        if choice.startswith("_"):
            raise AttributeError(choice)
        if choice not in self._known:
            raise UserMessageError(f"The template asks for on.{self._question}.{choice}, "
                                   f"which is not a choice of {self._question}")
        return "." if choice in self._chosen else ""


class StackExtension(Extension):
    """Registers ``on``, ``language`` and ``refusal``."""

    def __init__(self, environment: Environment) -> None:
        """Read the data and register the names."""
        super().__init__(environment)
        registry = getattr(environment, "derived")
        frameworks = yaml.safe_load((HERE / "frameworks.yml").read_text(encoding="utf-8"))
        known = {name: offered(spec) for name, spec in registry.questions.items()}
        languages = sorted({framework["language"] for framework in frameworks.values()})

        def language(context: Context) -> str:
            return str(frameworks[context["backend_framework"]]["language"])

        def on(context: Context) -> dict[str, Choices]:
            chosen = {
                name: Choices(name, choices, context.get(name))
                for name, choices in known.items()
                if choices
            }
            return chosen | {"language": Choices("language", languages, language(context))}

        @pass_context
        def refusal(context: Context, question: str, choice: str) -> str:
            return ""

        registry.derivations.update(on=on, language=language)
        environment.globals["refusal"] = refusal
