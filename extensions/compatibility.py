"""Which choices go together: the rules of ``compatibility.yml``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jinja2 import pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context

RULES = Path(__file__).with_name("compatibility.yml")


class RulesError(ValueError):
    """The rules themselves are wrong: the template's fault, not the user's."""


@dataclass(frozen=True)
class Rule:
    """``question`` = ``choice`` allows only some answers of ``other``."""

    question: str
    choice: str
    other: str
    named: frozenset[str]
    needed: bool
    because: str

    def clashes(self, answer: str) -> bool:
        """Tell whether an answer to the other question breaks the rule."""
        return (answer in self.named) != self.needed


def read_rules(data: Any, known: Mapping[str, list[str]]) -> list[Rule]:
    """Return the rules of the parsed file, or say which line is wrong."""
    rules = []
    for question, choice, entry in _entries(data, known):
        where = f"compatibility.yml: {question}.{choice}"
        if not isinstance(entry, dict):
            raise RulesError(f"{where}: a rule is a mapping")
        because = entry.get("because")
        if not isinstance(because, str) or not because.endswith("."):
            raise RulesError(f"{where}: a rule ends with its reason, one sentence under because")
        verbs = set(entry) - {"because"}
        if len(verbs) != 1 or not verbs <= {"needs", "excludes"}:
            raise RulesError(f"{where}: a rule either needs or excludes")
        verb = verbs.pop()
        if not isinstance(entry[verb], dict) or len(entry[verb]) != 1:
            raise RulesError(f"{where}: a rule names one other question")
        (other, named) = next(iter(entry[verb].items()))
        if other == question or other not in known:
            raise RulesError(f"{where}: {other} is not another question with choices")
        if not isinstance(named, list) or not named or set(named) - set(known[other]):
            raise RulesError(f"{where}: {named} are not choices of {other}")
        needed = verb == "needs"
        rules.append(Rule(question, choice, other, frozenset(named), needed, because))
    return rules


def _entries(data: Any, known: Mapping[str, list[str]]) -> Iterator[tuple[str, str, Any]]:
    if not isinstance(data, dict):
        raise RulesError("compatibility.yml: it maps questions to choices to rules")
    for question, choices in data.items():
        if question not in known or question == "language" or not isinstance(choices, dict):
            raise RulesError(f"compatibility.yml: {question} is not a question with choices")
        for choice, entries in choices.items():
            if choice not in known[question]:
                raise RulesError(f"compatibility.yml: {choice} is not a choice of {question}")
            if not isinstance(entries, list):
                raise RulesError(f"compatibility.yml: {question}.{choice} is a list of rules")
            for entry in entries:
                yield question, choice, entry


class Compatibility:
    """Judges a choice by the answers that were given before it."""

    def __init__(self, rules: list[Rule], order: list[str]) -> None:
        """Remember the rules and the order in which the questions are asked."""
        self.rules = rules
        self.order = order

    def refusal(self, answers: Mapping[str, str], question: str, choice: str) -> str:
        """Return why a choice does not go with the earlier answers, or nothing."""
        earlier = {name: answers[name] for name in self._earlier(question) if name in answers}
        for rule in self.rules:
            own = (rule.question, rule.choice) == (question, choice)
            if own and rule.other in earlier and rule.clashes(earlier[rule.other]):
                return rule.because
            asked_later = rule.other == question and earlier.get(rule.question) == rule.choice
            if asked_later and rule.clashes(choice):
                return rule.because
        return ""

    def _earlier(self, question: str) -> list[str]:
        # The language is known as soon as the framework is, which is asked first.
        return ["language", *self.order[: self.order.index(question)]]


class CompatibilityExtension(Extension):
    """Registers ``refusal`` and ``preferred``."""

    def __init__(self, environment: Any) -> None:
        """Read the rules and register the functions."""
        super().__init__(environment)
        derived = environment.derived
        known: dict[str, list[str]] = {
            name: choices for name, choices in derived.choices.items() if choices
        }
        frameworks = environment.reserved.frameworks
        languages = sorted({framework["language"] for framework in frameworks.values()})
        data = yaml.safe_load(RULES.read_text(encoding="utf-8"))
        rules = read_rules(data, known | {"language": languages})
        compatibility = Compatibility(rules, list(derived.questions))

        def answers_of(context: Context, question: str) -> dict[str, str]:
            answers = {name: context[name] for name in known if name in context}
            if question != "backend_framework":
                answers["language"] = context["language"]
            return answers

        @pass_context
        def refusal(context: Context, question: str, choice: str) -> str:
            return compatibility.refusal(answers_of(context, question), question, choice)

        @pass_context
        def preferred(context: Context, question: str) -> str:
            answers = answers_of(context, question)
            allowed = [
                choice
                for choice in known[question]
                if not compatibility.refusal(answers, question, choice)
            ]
            return allowed[0] if allowed else known[question][0]

        environment.globals.update({"refusal": refusal, "preferred": preferred})
