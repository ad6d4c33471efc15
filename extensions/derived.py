"""Names derived from the answers, computed when a template first uses them.

Copier builds one Jinja context per path part and per file, so a context has to cost next to
nothing: it holds no derived value until one is asked for, and what one context computed serves
the others until an answer changes.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment
from jinja2.ext import Extension
from jinja2.runtime import Context
from jinja2.utils import missing

Derivation = Callable[[Context], Any]
# Raises ValueError, with a text for the user, when the answer will not do.
Judge = Callable[[Context, Any], None]
TEMPLATE_ROOT = Path(__file__).resolve().parent.parent


def read_questions(path: Path) -> dict[str, dict[str, Any]]:
    """Return the questions of a ``copier.yml`` by name, without Copier's own settings."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {name: spec for name, spec in data.items() if not name.startswith("_")}


class DerivedNames:
    """The registry that the other extensions add their derivations and judgements to."""

    def __init__(self, questions: dict[str, dict[str, Any]]) -> None:
        """Start without derivations, for the given questions."""
        self.questions = questions
        self.choices: dict[str, list[str]] = {}
        self.derivations: dict[str, Derivation] = {}
        self.judges: dict[str, Judge] = {}
        self._seen: Context | None = None
        self._answers: dict[str, Any] = {}
        self._values: dict[str, Any] = {}

    def value(self, name: str, context: Context) -> Any:
        """Return the value of a derived name for the answers of this context."""
        if context is not self._seen:
            self._seen = context
            answers = {question: context.parent.get(question) for question in self.questions}
            if answers != self._answers:
                self._answers, self._values = answers, {}
        if name not in self._values:
            self._values[name] = self.derivations[name](context)
        return self._values[name]


class DerivedExtension(Extension):
    """Makes derived names resolve in every template; must be listed first."""

    def __init__(self, environment: Environment) -> None:
        """Install the context class."""
        super().__init__(environment)
        registry = DerivedNames(read_questions(TEMPLATE_ROOT / "copier.yml"))
        environment.extend(derived=registry)

        class DerivedContext(environment.context_class):  # type: ignore[name-defined, misc]
            def resolve_or_missing(self, key: str) -> Any:
                value = super().resolve_or_missing(key)
                if value is missing and key in registry.derivations:
                    return registry.value(key, self)
                return value

        environment.context_class = DerivedContext
