"""The chosen stack: ``on`` for paths, facts about choices, the defaults a framework brings."""

from typing import Any

from copier.errors import UserMessageError
from jinja2 import pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context

# How the schemas of inputs are written: as calls, or as classes with decorators, where the library
# that judges them asks for these.
FORMS = ["calls", "classes"]
BY_CLASSES = {"class_validator"}
# What runs the migrations: the ORM itself, or umzug for those that leave it to others.
MIGRATORS = ["own", "umzug"]
BY_UMZUG = {"drizzle", "sequelize"}


def form(context: Context) -> str:
    """Return in which form the schemas of inputs are written."""
    return "classes" if context.get("validation_lib") in BY_CLASSES else "calls"


def migrator(context: Context) -> str:
    """Return what runs the migrations."""
    return "umzug" if context.get("orm_tool") in BY_UMZUG else "own"


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
        return self[choice]

    def __getitem__(self, choice: str) -> str:
        """Return the path part of a choice."""
        if choice not in self._known:
            raise UserMessageError(
                f"The template asks for on.{self._question}.{choice}, "
                f"which is no choice of {self._question}"
            )
        return "." if choice in self._chosen else ""


class On:
    """The questions that have choices, and facts that folders name like choices."""

    def __init__(self, choices: dict[str, Choices]) -> None:
        """Remember the choices of each question."""
        self._choices = choices

    def __getattr__(self, question: str) -> Choices:
        """Return the choices of a question."""
        if question.startswith("_"):
            raise AttributeError(question)
        return self[question]

    def __getitem__(self, question: str) -> Choices:
        """Return the choices of a question."""
        if question not in self._choices:
            raise UserMessageError(
                f"The template asks for on.{question}, which is no question with choices"
            )
        return self._choices[question]


class StackExtension(Extension):
    """Registers ``on``, ``language`` and ``default_path``."""

    def __init__(self, environment: Any) -> None:
        """Register the names."""
        super().__init__(environment)
        derived = environment.derived
        frameworks = environment.reserved.frameworks
        known = {name: offered(spec) for name, spec in derived.questions.items()}
        languages = sorted({framework["language"] for framework in frameworks.values()})

        def language(context: Context) -> str:
            return str(frameworks[context["backend_framework"]]["language"])

        def on(context: Context) -> On:
            chosen = {
                name: Choices(name, choices, context.get(name))
                for name, choices in known.items()
                if choices
            }
            facts = {
                "language": (languages, language(context)),
                "input_schemas": (FORMS, form(context)),
                "migrator": (MIGRATORS, migrator(context)),
            }
            return On(chosen | {name: Choices(name, *fact) for name, fact in facts.items()})

        @pass_context
        def default_path(context: Context, question: str) -> str:
            pattern: str = frameworks[context["backend_framework"]]["paths"][question]
            return pattern.replace("{app}", str(context.get("api_structure")))

        derived.derivations.update(on=on, language=language)
        derived.choices.update(known)
        environment.globals["default_path"] = default_path
