"""Every pair of legal answers comes out whole: a few dozen repos hold them all."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_copier.plugin import CopierFixture

from harness.tally import count

from .conftest import ROOT, read_answers
from .proof import code, formats, words
from .proof.pairs import Row, all_pairs, covering, pairs_of
from .proof.repo import Repo
from .proof.space import answers_of, dimensions, has_a_tool

CHECKS: list[Callable[[Repo], Iterator[str]]] = [
    formats.unparsable,
    formats.complaints,
    formats.stale_agent_files,
    words.unchosen,
    words.leftovers,
    words.untidy,
    code.unreachable_modules,
    code.unmarked_packages,
    code.unused_names,
    code.unused_dependencies,
    code.undeclared_imports,
    code.unread_settings,
    code.undocumented_settings,
    code.dead_files,
]


def offered_choices() -> dict[str, list[str]]:
    """Return the choices of every question that has some."""
    questions = read_answers(ROOT / "copier.yml")
    return {
        name: [
            item["value"] if isinstance(item, dict) else item for item in spec["choices"].values()
        ]
        for name, spec in questions.items()
        if not name.startswith("_") and "choices" in spec
    }


CHOICES = offered_choices()
ROWS = covering(dimensions(CHOICES), has_a_tool)
NEW = [
    len(pairs_of(row) - set[frozenset[tuple[str, str]]]().union(*map(pairs_of, ROWS[:number])))
    for number, row in enumerate(ROWS)
]


def test_the_rows_hold_every_pair() -> None:
    held = set[frozenset[tuple[str, str]]]().union(*map(pairs_of, ROWS))
    assert all_pairs(dimensions(CHOICES)) - held == set()
    assert all(has_a_tool(row) for row in ROWS)


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_a_repo_of_any_pair_is_whole(copier: CopierFixture, tmp_path: Path, number: int) -> None:
    answers = answers_of(ROWS[number], CHOICES)
    repo = Repo(copier.copy(tmp_path / "shop", **answers).path)
    assert {name: repo.answers[name] for name in answers} == answers
    found = {check.__name__: list(check(repo)) for check in CHECKS}
    assert {name: problems for name, problems in found.items() if problems} == {}
    count("covered pairs", pairs=NEW[number], renders=1)


@pytest.fixture(scope="session")
def sound(plain_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repo in which the checks find nothing."""
    renderer = CopierFixture(plain_template, {}, pytest.MonkeyPatch())
    row: Row = dict(ROWS[0]) | {"company_name": "short", "cursor": "without", "claude": "with"}
    target = tmp_path_factory.mktemp("sound") / "shop"
    return renderer.copy(target, **answers_of(row, CHOICES)).path


# What is planted, by the check that has to find it: a file, what is put to its end, what is told.
PLANTED = {
    "unparsable": [
        ("app/main.py", "def (", "app/main.py: invalid syntax"),
        ("compose.yaml", "a: [", "compose.yaml: "),
        (".github/renovate.json", "{", ".github/renovate.json: "),
        ("pyproject.toml", "x = ", "pyproject.toml: "),
    ],
    "complaints": [
        ("app/main.py", "x=1\n", "ruff: unformatted"),
        ("app/main.py", "import os\n", "F401"),
        ("Dockerfile", "RUN cd /tmp\n", "hadolint: "),
        ("docker/postgres/roles.sh", "if true\n", "bash: "),
    ],
    "stale_agent_files": [("AGENTS.md", "`make nothing`\n", "has no target `nothing`")],
    "unchosen": [
        ("README.md", "It logs with the shared logger.\n", "'shared logger' is of logging_lib"),
        ("README.md", "`limits` counts.\n", "'`limits`' is of rate_limit_lib"),
        ("README.md", "Cursor reads it.\n", "'Cursor' is of agent_tools=cursor"),
        ("README.md", "Or Django.\n", "'Django' is of no stack"),
        ("install.mk", "\tpip install --build-constraint x\n", "is of package_manager=pip"),
    ],
    "leftovers": [
        ("README.md", "{{ company }}\n", "is Jinja"),
        ("README.md", "[COMPANY_NAME]\n", "is a placeholder of the seed"),
        ("README.md", "Acme's\n", "'Acme', though"),
        ("app/main.py", "# TODO\n", "is unfinished work"),
    ],
    "untidy": [
        ("README.md", "\n", "README.md: it does not end"),
        ("Makefile", "x \n", "Makefile: blanks"),
    ],
    "unreachable_modules": [
        ("app/lib/forgotten.py", "X = 1\n", "app/lib/forgotten.py: nothing comes"),
        ("tests/helpers.py", "X = 1\n", "tests/helpers.py: nothing comes"),
        ("scripts/old.py", "X = 1\n", "scripts/old.py: nothing comes"),
    ],
    "unmarked_packages": [
        ("app/more/code.py", "X = 1\n", "app/more: the package has no __init__.py"),
        ("app/void/__init__.py", "", "app/void: the package is empty"),
    ],
    "unused_names": [
        ("app/constants.py", "NEVER_READ = 1\n", "app/constants.py: nothing uses NEVER_READ"),
        ("app/lib/errors.py", "def idle() -> None: ...\n", "errors.py: nothing uses idle"),
        ("scripts/dev.py", "class Idle:\n    def lie_idle(self): ...\n", "nothing uses lie_idle"),
    ],
    "unread_settings": [
        ("app/settings.py", "class More:\n    unread: int = 1\n", "nothing reads unread"),
    ],
    "undocumented_settings": [
        ("app/settings.py", "class More:\n    more_key: str\n", "MORE_KEY is not in both"),
        ("app/settings.py", "class More:\n    more_key: str\n", "MORE_KEY has no default"),
        (".env.example", "OLD_KEY=\n", "OLD_KEY is not in both"),
        ("README.md", "| `OLD_KEY` | x |\n", "README.md: OLD_KEY is no setting"),
    ],
    "undeclared_imports": [("app/main.py", "import flask\n", "imports flask")],
    "dead_files": [("docker/old.conf", "x\n", "docker/old.conf: nothing names this file")],
}
PLANTS = [(check, *plant) for check, plants in PLANTED.items() for plant in plants]


class Spoilt(Repo):
    """A repo with something put to the end of a file, as the checks read it."""

    def __init__(self, path: Path, name: str, text: str) -> None:
        """Add the text where it is read, and where tools look."""
        super().__init__(path)
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        with (path / name).open("a", encoding="utf-8") as file:
            file.write(text)


@pytest.fixture
def spoil(sound: Path) -> Iterator[Callable[[str, str], Repo]]:
    """Spoil the sound repo until the test is over."""
    before: dict[Path, str | None] = {}

    def plant(name: str, text: str) -> Repo:
        path = sound / name
        before[path] = path.read_text("utf-8") if path.exists() else None
        return Spoilt(sound, name, text)

    yield plant
    for path, text in before.items():
        if text is None:
            path.unlink()
        else:
            path.write_text(text, encoding="utf-8")


def test_a_sound_repo_has_nothing_to_find(sound: Path) -> None:
    found = {check.__name__: list(check(Repo(sound))) for check in CHECKS}
    assert {name: problems for name, problems in found.items() if problems} == {}


@pytest.mark.parametrize(("check", "name", "text", "told"), PLANTS)
def test_each_check_finds_what_is_planted_for_it(
    spoil: Callable[[str, str], Repo], check: str, name: str, text: str, told: str
) -> None:
    repo = spoil(name, text)
    (searching,) = [found for found in CHECKS if found.__name__ == check]
    assert any(told in problem for problem in searching(repo)), list(searching(repo))


def test_a_dependency_that_nothing_uses_is_found(sound: Path) -> None:
    repo = Repo(sound)
    pins = repo.texts["pyproject.toml"]
    repo.texts["pyproject.toml"] = pins.replace(
        "dependencies = [\n", 'dependencies = [\n    "leftpad==1.0",\n', 1
    )
    assert list(code.unused_dependencies(repo)) == ["pyproject.toml: nothing uses leftpad"]


def test_a_check_for_every_plant_and_a_plant_for_every_check() -> None:
    assert {check.__name__ for check in CHECKS} - {"unused_dependencies"} == set(PLANTED)
