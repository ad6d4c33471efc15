"""Random edits to random files meet random changes of the template.

The judge is git's own three-way merge of each file, which Copier does not use for most of them.
"""

import itertools
import os
import re
import subprocess
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from harness.tally import count

from .history import FIRST, Repo, Template
from .teams import Team

# UPDATE_EXAMPLES=50 looks longer; CI always looks at the same ones. What fails is told as it is:
# to make it smaller would take as many updates again.
looking = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=int(os.environ.get("UPDATE_EXAMPLES", "2")),
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
EDITED_FILES = 25
CHANGED_FILES = 25
SUFFIXES = (".py", ".ts", ".md", ".toml", ".yml", ".yaml", ".ini", ".sh")
REGION = re.compile(r"\b(end)?region\b")
MARKERS = (b"<<<<<<< before updating", b">>>>>>> after updating")


def scribble(dice: Random, text: str, who: str) -> str:
    """Change, drop and add a few lines anywhere."""
    lines = text.splitlines(keepends=True)
    for number in range(dice.randint(1, 3)):
        place = dice.randrange(len(lines))
        # A template whose regions do not end renders nothing.
        if REGION.search(lines[place]):
            continue
        words = f"# {who} {number} {dice.randrange(10**9)}\n"
        match dice.choice(("add", "change", "drop")):
            case "add":
                lines.insert(place, words)
            case "change":
                lines[place] = words
            case _ if len(lines) > 3:
                del lines[place]
    return "".join(lines)


def merge(folder: Path, mine: bytes, base: bytes, theirs: bytes) -> tuple[bytes, bool]:
    """What git makes of the three, and whether it is a conflict."""
    folder.mkdir(exist_ok=True)
    names = []
    for name, content in (("mine", mine), ("base", base), ("theirs", theirs)):
        (folder / name).write_bytes(content)
        names.append(str(folder / name))
    done = subprocess.run(
        ["git", "merge-file", "--stdout", *names], capture_output=True, check=False
    )
    return done.stdout, done.returncode != 0


def is_plain(path: str, text: str) -> bool:
    return path.endswith(SUFFIXES) and len(text.splitlines()) > 5


def next_release(template: Template, team: Team, dice: Random, tag: str) -> None:
    """Scribble on files that are copied as they are: what they hold is what a repo gets."""

    def edit(folder: Path) -> None:
        files = sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES)
        stranger = f"on.backend_framework.{team.other}"
        plain = [path for path in files if not re.search(rf"{{%|{stranger}", str(path))]
        for path in dice.sample(plain, min(CHANGED_FILES, len(plain))):
            text = path.read_text(encoding="utf-8")
            if is_plain(path.name, text):
                path.write_text(scribble(dice, text, "template"), encoding="utf-8")

    template.release(tag, edit)


@pytest.fixture(scope="module")
def own_template(team: Team, tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template(tmp_path_factory.mktemp("random") / "backend-architect")


def test_nothing_that_somebody_wrote_is_lost(
    own_template: Template, team: Team, tmp_path_factory: pytest.TempPathFactory
) -> None:
    numbers = itertools.count(2)

    @looking
    @given(st.randoms(use_true_random=True))
    def update(dice: Random) -> None:
        tag = f"0.{next(numbers)}.0"
        next_release(own_template, team, dice, tag)
        _nothing_is_lost(own_template, team, tmp_path_factory.mktemp("edited"), dice, tag)

    update()


def _nothing_is_lost(
    own_template: Template, team: Team, tmp_path: Path, dice: Random, tag: str
) -> None:
    base = own_template.generate(tmp_path / "base", team.answers, FIRST).files()
    theirs = own_template.generate(tmp_path / "theirs", team.answers, tag).files()
    repo = own_template.generate(tmp_path / "repo", team.answers, FIRST)
    owned = {
        str(path.relative_to(repo.folder))
        for pattern in _owned(repo)
        for path in repo.folder.glob(pattern)
    }
    _edit(repo, team, dice)
    mine = repo.files()
    done = repo.update(tag=tag)
    assert done.code == 0, done.said
    after = repo.files()
    assert set(after) == set(mine) | (set(theirs) - set(base))
    conflicts = 0
    for path, content in after.items():
        if path in owned or path not in base:
            assert content == mine.get(path, theirs.get(path)), f"{path} was touched"
            continue
        merged, conflict = merge(tmp_path / "merge", mine[path], base[path], theirs[path])
        if conflict:
            conflicts += 1
            wanted = (set(mine[path].splitlines()) | set(theirs[path].splitlines())) - set(
                base[path].splitlines()
            )
            assert wanted <= set(content.splitlines()), f"{path} lost a line"
        else:
            assert content == merged, f"{path} is not what a merge gives"
            assert not any(marker in content for marker in MARKERS)
    edited = sum(mine[path] != base.get(path) for path in mine)
    count("updates", runs=1, edits_kept=edited, conflicts=conflicts)


def _owned(repo: Repo) -> list[str]:
    lines = repo.read("docs/template.md").splitlines()
    return [line[3:-1] for line in lines if line.startswith("- `")]


def _edit(repo: Repo, team: Team, dice: Random) -> None:
    files = {path: content.decode() for path, content in repo.files().items()}
    plain = [path for path, text in files.items() if is_plain(path, text)]
    for path in dice.sample(plain, EDITED_FILES):
        repo.write(path, scribble(dice, files[path], "team"))
    repo.write(f"{team.app}/ours{team.suffix}", f"{team.comment} Ours.\n")
    repo.commit()
