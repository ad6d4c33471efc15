"""What the template itself says about a combination of choices."""

from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import yaml
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from .oracle import Clash, clashes


class Judge:
    """A template's own rules, asked as Copier asks them: question by question."""

    def __init__(self, template: Path) -> None:
        """Load the extensions of this template."""
        config = yaml.safe_load((template / "copier.yml").read_text(encoding="utf-8"))
        environment: Any = SandboxedEnvironment
        self.environment = environment(
            loader=FileSystemLoader(template),
            extensions=config["_jinja_extensions"],
            undefined=StrictUndefined,
        )
        choices = self.environment.derived.choices
        self.choices: dict[str, list[str]] = {
            question: choices[question]
            for question, spec in self.environment.derived.questions.items()
            if choices[question] and not spec.get("multiselect")
        }

    def combinations(self) -> Iterator[dict[str, str]]:
        """Yield the whole space of offered choices."""
        for values in product(*self.choices.values()):
            yield dict(zip(self.choices, values, strict=True))

    def refused_at(self, answers: Mapping[str, str]) -> dict[str, str]:
        """Return the questions at which a combination is refused, with what is told."""
        told = {}
        earlier: dict[str, str] = {}
        for question, choice in answers.items():
            context = self.environment.from_string("").new_context(dict(earlier))
            if reason := self.environment.globals["refusal"](context, question, choice):
                told[question] = reason
            earlier[question] = choice
        return told

    def accepts_tools(self, tools: list[str]) -> bool:
        """Tell whether a choice of agent tools will do."""
        # A folder that was never generated into: there are no earlier answers to hold on to.
        new = {"dst_path": "does-not-exist", "answers_file": "answers.yml"}
        answers = {"backend_framework": "fastapi", "agent_tools": tools, "_copier_conf": new}
        context = self.environment.from_string("").new_context(answers)
        return not self.environment.globals["problem"](context, "agent_tools")


def refusing_question(clash: Clash, order: list[str]) -> str:
    """Return the later one of the two questions; the language is known with the framework."""
    position = {question: number for number, question in enumerate(order)} | {"language": 0}
    return max(clash.one[0], clash.other[0], key=position.__getitem__)


def disagreements(judge: Judge, answers: Mapping[str, str]) -> list[str]:
    """Compare both statements about a combination; say which rule one has and the other lacks."""
    combination = " ".join(f"{question}={choice}" for question, choice in answers.items())
    order = list(answers)
    wanted: dict[str, list[Clash]] = {}
    for clash in clashes(answers):
        wanted.setdefault(refusing_question(clash, order), []).append(clash)
    told = judge.refused_at(answers)
    found = []
    for question in order:
        if question in wanted and question not in told:
            (one, other, why) = wanted[question][0]
            found.append(
                f"{combination}: allowed, though {'='.join(one)} is {why} for {'='.join(other)}"
            )
        if question in told and question not in wanted:
            found.append(f"{combination}: refused at {question} without need: {told[question]}")
    return found
