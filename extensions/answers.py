"""Judges answers: the validators of copier.yml and the check of what came from outside."""

from typing import Any

from jinja2 import Environment, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context


class AnswersExtension(Extension):
    """Registers ``problem`` and ``vetted``."""

    def __init__(self, environment: Environment) -> None:
        """Register the functions."""
        super().__init__(environment)

        @pass_context
        def problem(context: Context, question: str) -> str:
            return ""

        @pass_context
        def vetted(context: Context, question: str) -> bool:
            return True

        functions: dict[str, Any] = {"problem": problem, "vetted": vetted}
        environment.globals.update(functions)
