"""`python -m docs.questions` writes questions.md from copier.yml, compatibility.yml and real runs.

`--check` writes nothing, and ends with 1 when the file does not say what the questions are.
"""

import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from copier import run_copy

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "questions.md"
PLACEHOLDER = re.compile(r"(\[\w+\]) ")
# An example that depends on the stack: the default says it.
EXAMPLE = re.compile(r", e\.g\. [^\n]*\{\{.*", re.DOTALL)
PATH_OF_STACK = re.compile(r" \{\{[^}]*\}\}")
NEVER_ASKED = re.compile(r"\band false\b")
HEADING = re.compile(r"^# --- (?P<title>[^-]+?) -+$|^(?P<question>[a-z]\w*):$", re.MULTILINE)

INTRODUCTION = """\
# The questions

<!-- Written by `make reference` from copier.yml and extensions/compatibility.yml: edit those. -->

In the order in which they are asked. Enter takes the default; `--defaults` takes them all,
`--data question=answer` and `--data-file answers.yml` answer some. A bad answer ends with one line
that says what to answer instead, and nothing is written.

What names a path may hold `{entity}` (one file per entity in feature folders), be a folder (one
file per entity in it) or a single file for all; imports, tests, Dockerfile and prompt follow.
Types of fields: `string(1..1000)`, `text`, `integer`, `decimal`, `boolean`, `datetime`,
`enum(a|b)`, `json`, `reference(companies)`. A `?` makes a field optional, `unique` allows each
value once per tenant.
"""


def read(path: str) -> dict[str, Any]:
    """Return a YAML file of the template."""
    data: dict[str, Any] = yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))
    return data


def choices_of(question: dict[str, Any]) -> dict[str, str]:
    """Return the label of each choice by its value, empty for a question without choices."""
    found = {}
    for label, choice in question.get("choices", {}).items():
        value = choice["value"] if isinstance(choice, dict) else choice
        name, _, more = label.partition("  ")
        found[value] = f"{name}: {more.strip()}" if more else label
    return found


def defaults_of(framework: str) -> dict[str, Any]:
    """Return what a service of a framework is generated with when nothing else is answered.

    A real run that writes nothing; the folder's name is the project's.
    """
    with TemporaryDirectory() as folder:
        worker = run_copy(
            str(ROOT),
            Path(folder) / "billing-api",
            data={"backend_framework": framework},
            defaults=True,
            pretend=True,
            quiet=True,
            unsafe=True,
            vcs_ref="HEAD",
        )
        return dict(worker.answers.combined)


def written(answer: Any) -> str:
    """Return an answer as one would type it."""
    if isinstance(answer, dict):
        return ", ".join(f"`{name}: {value}`" for name, value in answer.items())
    if isinstance(answer, list):
        return ", ".join(f"`{one}`" for one in answer)
    return f"`{answer}`"


def told_default(name: str, question: dict[str, Any], defaults: dict[str, dict[str, Any]]) -> str:
    """Return the default of a question, once if all frameworks agree."""
    if NEVER_ASKED.search(question.get("ask", "")):
        return "Not asked: filled at the first generation, then remembered."
    by_framework = {
        framework: written(answers[name])
        for framework, answers in defaults.items()
        if name in answers
    }
    if not by_framework:
        return "Asked only where another answer calls for it."
    if len(set(by_framework.values())) == 1:
        return f"Default: {next(iter(by_framework.values()))}"
    told = (f"{default} ({framework})" for framework, default in by_framework.items())
    return f"Default: {' · '.join(told)}"


def told_rules(name: str, choice: str, rules: dict[str, Any]) -> str:
    """Return what a choice needs and excludes."""
    found = []
    for rule in rules.get(name, {}).get(choice, []):
        for word, kind in (("", "needs"), ("not ", "excludes")):
            found += [
                f"{word}`{other}` {' or '.join(choices)}"
                for other, choices in rule.get(kind, {}).items()
            ]
    return ", ".join(found)


def section(name: str, question: dict[str, Any], defaults: dict[str, dict[str, Any]]) -> str:
    """Return what the document says of one question."""
    rules = read("extensions/compatibility.yml")
    placeholder = PLACEHOLDER.match(question["help"])
    told = EXAMPLE.sub("", PLACEHOLDER.sub("", question["help"], count=1))
    told = PATH_OF_STACK.sub("", told).replace("\n", " ").strip()
    lines = [f"### `{name}`", ""]
    lines.append(f"{placeholder[1].join('``')} · {told}" if placeholder else told)
    lines += ["", told_default(name, question, defaults)]
    if choices := choices_of(question):
        lines += ["", "| choice | what it is | goes with |", "|---|---|---|"]
        for value, label in choices.items():
            lines.append(f"| `{value}` | {label} | {told_rules(name, value, rules) or 'all'} |")
    return "\n".join(lines)


def document() -> str:
    """Return the whole text of questions.md."""
    questions = {name: spec for name, spec in read("copier.yml").items() if name[0] != "_"}
    frameworks = choices_of(questions["backend_framework"])
    defaults = {framework: defaults_of(framework) for framework in frameworks}
    parts = [INTRODUCTION]
    for heading in HEADING.finditer((ROOT / "copier.yml").read_text(encoding="utf-8")):
        if title := heading["title"]:
            parts.append(f"## {title}\n")
        elif heading["question"] in questions:
            name = heading["question"]
            parts.append(f"{section(name, questions[name], defaults)}\n")
    return "\n".join(parts)


def main() -> int:
    """Write the document, or compare it; the answer is the exit code."""
    text = document()
    if "--check" not in sys.argv[1:]:
        DOCUMENT.write_text(text, encoding="utf-8")
        return 0
    if DOCUMENT.read_text(encoding="utf-8") == text:
        return 0
    print("docs/questions.md is not what the questions are: make reference", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
