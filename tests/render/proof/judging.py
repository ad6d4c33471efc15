"""What the template itself says about a combination of choices."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from .oracle import Clash, clashes

# A combination of choices, and what is told at each question that refuses it.
Judged = tuple[dict[str, str], dict[str, str]]


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

    def judged(self) -> Iterator[Judged]:
        """Yield the whole space of offered choices, each with what is told at its questions."""
        yield from self._walk({}, {}, list(self.choices))

    def judge(self, answers: Mapping[str, str]) -> Judged:
        """Return one combination with what is told at its questions."""
        told: dict[str, str] = {}
        for number, question in enumerate(answers):
            earlier = dict(list(answers.items())[:number])
            told |= self._told(earlier, question, answers[question])
        return dict(answers), told

    def _walk(
        self, answers: dict[str, str], told: dict[str, str], questions: list[str]
    ) -> Iterator[Judged]:
        if not questions:
            yield answers, told
            return
        question, *later = questions
        for choice in self.choices[question]:
            now = told | self._told(answers, question, choice)
            yield from self._walk(answers | {question: choice}, now, later)

    def _told(self, earlier: Mapping[str, str], question: str, choice: str) -> dict[str, str]:
        context = self.environment.from_string("").new_context(dict(earlier))
        reason: str = self.environment.globals["refusal"](context, question, choice)
        return {question: reason} if reason else {}

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


def disagreements(answers: Mapping[str, str], told: Mapping[str, str]) -> list[str]:
    """Compare both statements about a combination; say which rule one has and the other lacks."""
    combination = " ".join(f"{question}={choice}" for question, choice in answers.items())
    order = list(answers)
    wanted: dict[str, list[Clash]] = {}
    for clash in clashes(answers):
        wanted.setdefault(refusing_question(clash, order), []).append(clash)
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
