"""The generated repo's check of its agent files: it refuses what is not true, and says where."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from .agent_files import ALL_TOOLS, ROLES, agent
from .conftest import Render


@pytest.fixture
def project(rendered: Render, tmp_path: Path) -> Path:
    """A repo with the files of every tool, to be spoilt."""
    return Path(shutil.copytree(rendered(ALL_TOOLS).path, tmp_path / "shop"))


Spoil = Callable[[Path], None]


def edit(path: str, old: str, new: str) -> Spoil:
    def spoil(project: Path) -> None:
        file = project / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    return spoil


def rename(path: str, new: str) -> Spoil:
    def spoil(project: Path) -> None:
        (project / path).rename(project / new)

    return spoil


def remove(path: str) -> Spoil:
    return lambda project: (project / path).unlink()


def everywhere(old: str, new: str) -> Spoil:
    def spoil(project: Path) -> None:
        for path in project.rglob("*.py"):
            text = path.read_text()
            if old in text:
                path.write_text(text.replace(old, new))

    return spoil


def moved_region(project: Path) -> None:
    edit("views.py", "region: api-route", "region: something-else")(project)
    with (project / "src/api/main.py").open("a") as other:
        other.write("# region: api-route\nmoved = True\n# endregion\n")


CLAUDE = ROLES["claude"]


def described(project: Path) -> str:
    lines = (project / CLAUDE).read_text().splitlines()
    return next(line for line in lines if line.startswith("description:"))


def without_lists(project: Path) -> None:
    role = project / CLAUDE
    role.write_text(re.sub(r"^- .*\n", "", role.read_text(), flags=re.MULTILINE))


REFUSED: dict[str, tuple[Spoil, str]] = {
    "a renamed file": (
        rename("kit/pagination.py", "kit/paging.py"),
        rf"{CLAUDE}:\d+: `kit/pagination.py` does not exist → name the file that is there",
    ),
    "a removed make target": (
        edit("Makefile", "\nrules: .venv", "\nruled: .venv"),
        r"AGENTS.md:\d+: the Makefile has no target `rules` → ",
    ),
    "an edited excerpt": (
        edit(CLAUDE, "LOW_HEALTH: Final = 50", "LOW_HEALTH: Final = 51"),
        rf"{CLAUDE}:\d+: the excerpt is not region api-constants of \S+ any more → run `make agent",
    ),
    "edited code": (
        edit("migrations/access.py", "ENABLE ROW LEVEL", "DISABLE ROW LEVEL"),
        rf"{CLAUDE}:\d+: the excerpt is not region rls-policy of migrations/access.py any more",
    ),
    "a region without comments": (
        edit("migrations/access.py", "# region: rls-policy\n", ""),
        rf"{CLAUDE}:\d+: migrations/access.py has no region rls-policy → put `region: rls-policy`",
    ),
    "a region without an end": (
        edit("migrations/access.py", "# endregion\n", ""),
        rf"{CLAUDE}:\d+: region rls-policy of migrations/access.py has no end → ",
    ),
    "a region elsewhere": (
        moved_region,
        rf"{CLAUDE}:\d+: views.py has no region api-route → region api-route is in src/api/main.py",
    ),
    "a region that is there twice": (
        edit("migrations/access.py", "# endregion\n", "# endregion\n# region: rls-policy\n"),
        rf"{CLAUDE}:\d+: migrations/access.py has 2 regions rls-policy → ",
    ),
    "a deleted file of code": (
        remove("migrations/access.py"),
        rf"{CLAUDE}:\d+: the excerpt's file migrations/access.py does not exist → ",
    ),
    "a renamed folder": (
        rename("kit", "library"),
        r"AGENTS.md:\d+: `kit\S*` does not exist → name the file that is there",
    ),
    "code that is no excerpt": (
        edit(CLAUDE, "## Output\n", "```python\nx = 1\n```\n\n## Output\n"),
        rf"{CLAUDE}:\d+: this code is no excerpt, so nothing tests it → ",
    ),
    "a marker without code": (
        edit(CLAUDE, "#webhook -->\n```python", "#webhook -->\n\n```python"),
        rf"{CLAUDE}:\d+: this marker has no code block right below",
    ),
    "a renamed symbol": (
        everywhere("isolate_tenants", "separate_tenants"),
        r"AGENTS.md:\d+: `isolate_tenants` is nowhere in the code → name what the code has",
    ),
    "a symbol of another file": (
        edit("AGENTS.md", "`SdkCaller` in `kit/access.py`", "`SdkCaller` in `kit/errors.py`"),
        r"AGENTS.md:\d+: `SdkCaller` is not in `kit/errors.py` → name the file that has it",
    ),
    "an unknown setting": (
        edit("AGENTS.md", "`.env.example`", "`QUEUE_WHATEVER`"),
        r"AGENTS.md:\d+: `QUEUE_WHATEVER` is nowhere in the code → ",
    ),
    "an unknown module": (
        edit("AGENTS.md", "python -m src.api.seed`", "python -m src.api.sow`"),
        r"AGENTS.md:\d+: there is no module `src.api.sow` → name the module that is there",
    ),
    "an unknown route": (
        edit("AGENTS.md", "`/public/v2/feedback`", "`GET /public/v2/opinions?limit=1`"),
        r"AGENTS.md:\d+: no route has `opinions`, as `/public/v2/opinions\?limit=1` says → ",
    ),
    "an unknown target in a command": (
        edit("AGENTS.md", "## Layout", "```sh\nSEED_ROLE=member make sow # now\n```\n\n## Layout"),
        r"AGENTS.md:\d+: the Makefile has no target `sow` → ",
    ),
    "a placeholder": (
        edit("AGENTS.md", "## Layout", "For [COMPANY_NAME].\n\n## Layout"),
        r"AGENTS.md:\d+: \[COMPANY_NAME\] is a placeholder nobody filled in → write the value",
    ),
    "no closing line": (
        edit(CLAUDE, "model: inherit\n---\n", "model: inherit\n"),
        rf"{CLAUDE}:1: the front matter has no closing `---` → ",
    ),
    "no opening line": (
        edit(CLAUDE, "---\nname", "name"),
        rf"{CLAUDE}:1: the front matter's opening `---` is not on the first line → ",
    ),
    "a byte-order mark": (
        edit(CLAUDE, "---\nname", "\ufeff---\nname"),
        rf"{CLAUDE}:1: the front matter's opening `---` is not on the first line → ",
    ),
    "a description that is empty": (
        lambda project: edit(CLAUDE, described(project), "description:")(project),
        rf"{CLAUDE}:1: `description` is missing or empty → add `description`",
    ),
    "a missing field": (
        edit(CLAUDE, "model: inherit\n", ""),
        rf"{CLAUDE}:1: `model` is missing or empty → add `model`",
    ),
    "another name": (
        edit(CLAUDE, "name: backend-architect", "name: architect"),
        rf"{CLAUDE}:1: the name is architect, the file's is backend-architect → ",
    ),
    "a text that YAML misreads": (
        edit(CLAUDE, "model: inherit", "model: inherit: all"),
        rf"{CLAUDE}:5: YAML would misread this text; put it in double quotes → ",
    ),
    "a line of its own": (
        edit(CLAUDE, "model: inherit", "model: inherit\nreally"),
        rf"{CLAUDE}:6: this line is neither `key: value` nor a list's item → ",
    ),
    "an unclosed quote": (
        edit(CLAUDE, 'answers."\n', "answers.\n"),
        rf"{CLAUDE}:3: the quoted text does not end where it should → ",
    ),
    "a field given twice": (
        edit(CLAUDE, "model: inherit", "model: inherit\nmodel: inherit"),
        rf"{CLAUDE}:6: `model` is there twice → ",
    ),
    "a flag that is none": (
        edit(ROLES["cursor"], "alwaysApply: false", "alwaysApply: no"),
        rf"{ROLES['cursor']}:1: `alwaysApply` is neither true nor false → ",
    ),
    "broken TOML": (
        edit(ROLES["codex"], 'name = "backend-architect"', "name = backend-architect"),
        rf"{ROLES['codex']}:1: not TOML: ",
    ),
    "a role that is not between quotes": (
        edit(ROLES["codex"], "developer_instructions = '''", 'developer_instructions = """'),
        rf"{ROLES['codex']}:1: the role does not stand between ",
    ),
    "a role that differs by tool": (
        edit(ROLES["gemini"], "## When invoked", "## When called"),
        rf"{ROLES['gemini']}:\d+: the role differs from {CLAUDE}:\d+ → edit {CLAUDE} alone",
    ),
    "a role that ends early": (
        edit(ROLES["copilot"], "\nBelow it: files changed", "\nBelow it: files"),
        rf"{ROLES['copilot']}:\d+: the role differs from {CLAUDE}:\d+ → ",
    ),
    "too much prose": (
        edit(CLAUDE, "## Output\n", "more words " * 200 + "\n\n## Output\n"),
        rf"{CLAUDE}:1: its prose has \d+ words, not 600 to 900 → move facts to AGENTS.md",
    ),
    "too little prose": (
        without_lists,
        rf"{CLAUDE}:1: its prose has \d+ words, not 600 to 900 → say what is missing",
    ),
    "too many facts": (
        edit("AGENTS.md", "## Layout\n", "more words " * 900 + "\n\n## Layout\n"),
        r"AGENTS.md:1: its prose has \d+ words, not 1 to 1800 → move details to README.md",
    ),
    "a guide that leads nowhere": (
        edit("CLAUDE.md", "@AGENTS.md", "Be careful."),
        r"CLAUDE.md:1: it does not lead to AGENTS.md → write `@AGENTS.md`",
    ),
    "a guide to a missing file": (
        edit("CLAUDE.md", "@AGENTS.md", "@AGENTS.md\n@docs/rules.md"),
        r"CLAUDE.md:2: `docs/rules.md` does not exist → ",
    ),
    "no facts": (remove("AGENTS.md"), r"AGENTS.md:1: it does not exist → bring it back"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_the_check_refuses(project: Path, case: str) -> None:
    spoil, message = REFUSED[case]
    spoil(project)
    code, output = agent(project, "--check")
    assert code == 1
    assert re.search(rf"^{message}", output, re.MULTILINE), output
    assert "Traceback" not in output


def test_a_role_too_long_for_its_tools_is_refused(project: Path) -> None:
    edit("migrations/access.py", "# endregion\n", "# a long line\n" * 2500 + "# endregion\n")(
        project
    )
    code, output = agent(project)
    assert code == 1
    message = rf"^{ROLES['copilot']}:1: the role has \d+ characters, its tool takes 30000 → shorten"
    assert re.search(message, output, re.MULTILINE), output


def test_what_commands_make_may_be_named(project: Path) -> None:
    edit("AGENTS.md", "`.env.example`", "`.venv/bin/ruff` and `.env`")(project)
    code, output = agent(project, "--check")
    assert code == 0, output
