"""Judges every answer once: for the prompt, for --data, for --data-file and for defaults.

Copier turns what a validator says about an answer that was not typed at a prompt into a traceback.
Only an error raised outside its validators ends the run with one line, so each question's ``ask``
in copier.yml has its answer vetted first.
"""

from difflib import get_close_matches
from typing import Any

from copier.errors import UserMessageError
from jinja2 import Environment, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context


def one_line(text: str) -> str:
    """Return a message that fits one line."""
    line = " ".join(text.split())
    return line if len(line) <= 400 else f"{line[:397]}..."


def suggestion(name: str, known: list[str]) -> str:
    """Return a hint at the known name that was probably meant."""
    close = get_close_matches(name, known, 1, 0.6)
    return f"; did you mean {close[0]}?" if close else ""


class Answers:
    """Finds, casts and judges the answer to a question."""

    def __init__(self, environment: Any) -> None:
        """Borrow what earlier extensions made."""
        self.environment = environment
        derived: Any = environment.derived
        self.questions: dict[str, dict[str, Any]] = derived.questions
        self.choices: dict[str, list[str]] = derived.choices
        self.judges = derived.judges
        self.parse: Any = environment.yaml_answer
        self.refusal: Any = environment.globals["refusal"]
        self.lineage: Any = environment.lineage

    def judge(self, context: Context, question: str, answer: Any) -> None:
        """Raise ValueError when an answer will not do."""
        if self.choices[question]:
            for choice in answer if isinstance(answer, list) else [answer]:
                self._choice(context, question, choice)
        if isinstance(answer, list) and self.questions[question].get("multiselect") and not answer:
            raise ValueError("choose one at least")
        if isinstance(answer, list) and any(answer.count(choice) > 1 for choice in answer):
            raise ValueError("choose each once")
        if question in self.judges:
            self.judges[question](context, answer)
        self.lineage.check(context, question, answer)

    def settle(self, context: Context, question: str) -> Any:
        """Return the answer that a run without prompts would take, or end the run."""
        conf = context["_copier_conf"]
        if question in context and question not in conf["data"]:
            return context[question]
        for source in (conf["data"], conf["settings"].defaults, conf["user_defaults"]):
            if question in source:
                answer = source[question]
                break
        else:
            answer = self._default(context, question)
        try:
            answer = self._cast(question, answer)
            self.judge(context, question, answer)
        except ValueError as error:
            raise UserMessageError(one_line(f"{question}: {error}")) from None
        return answer

    def check_names(self, context: Context) -> None:
        """End the run when an answer's question does not exist."""
        known = list(self.questions)
        for name in context["_copier_conf"]["data"]:
            if name not in known and not name.startswith("_"):
                raise UserMessageError(
                    one_line(f"{name}: there is no such question{suggestion(name, known)}")
                )

    def rehearse(self, context: Context) -> None:
        """Settle every question in turn."""
        self.check_names(context)
        remembered = self.lineage.remembered(context)
        known = {name: remembered[name] for name in self.questions if name in remembered}
        answers = context.get_all() | known
        for question in self.questions:
            stage = self.environment.from_string("").new_context(dict(answers))
            answers[question] = self.settle(stage, question)

    def _default(self, context: Context, question: str) -> Any:
        default = self.questions[question]["default"]
        if not isinstance(default, str):
            return default
        return self.environment.from_string(default).render(context.get_all())

    def _cast(self, question: str, answer: Any) -> Any:
        spec = self.questions[question]
        if spec.get("multiselect"):
            answer = self.parse(answer)
            if not isinstance(answer, list):
                raise ValueError("write a list, such as [claude, cursor]")
            return answer
        if spec["type"] == "yaml":
            return self.parse(answer)
        if isinstance(answer, bool) or not isinstance(answer, str | int | float):
            raise ValueError(f"{answer!r} is not a text; put it in quotes")
        return str(answer)

    def _choice(self, context: Context, question: str, choice: Any) -> None:
        known = self.choices[question]
        working = [other for other in known if not self.refusal(context, question, other)]
        if choice not in known:
            hint = suggestion(str(choice), working) if len(working) > 1 else ""
            raise ValueError(f"{choice!r} is not offered; choose {', '.join(working)}{hint}")
        if reason := self.refusal(context, question, choice):
            raise ValueError(f"{reason} What works: {', '.join(working) or 'nothing yet'}.")


class AnswersExtension(Extension):
    """Registers ``problem``, ``vetted`` and ``rehearsal``."""

    def __init__(self, environment: Environment) -> None:
        """Register the functions."""
        super().__init__(environment)
        answers = Answers(environment)

        @pass_context
        def problem(context: Context, question: str) -> str:
            """Say what is wrong with the answer that a prompt got, or nothing."""
            try:
                answers.judge(context, question, context[question])
            except ValueError as error:
                return one_line(str(error))
            return ""

        @pass_context
        def vetted(context: Context, question: str) -> bool:
            """End the run when the answer from outside, or the default, will not do."""
            answers.check_names(context)
            answers.settle(context, question)
            return True

        @pass_context
        def rehearsal(context: Context) -> str:
            """Vet a run without prompts before it says anything."""
            if context["_copier_conf"]["defaults"]:
                answers.rehearse(context)
            return ""

        functions: dict[str, Any] = {
            "problem": problem,
            "vetted": vetted,
            "rehearsal": rehearsal,
        }
        environment.globals.update(functions)
