"""Every pair of legal answers comes out whole: a few dozen repos hold them all."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from pytest_copier.plugin import CopierFixture

from harness.tally import count

from .conftest import ROOT, read_answers
from .proof import code, formats, typescript, words
from .proof.oracle import LANGUAGE_OF_FRAMEWORK
from .proof.pairs import Row, all_pairs, covering, pairs_of
from .proof.plants import PLANTED
from .proof.repo import Repo
from .proof.space import answers_of, dimensions, legal

Check = Callable[[Repo], Iterator[str]]
SHARED: list[Check] = [
    formats.unparsable,
    formats.complaints,
    formats.stale_agent_files,
    words.unchosen,
    words.leftovers,
    words.untidy,
    code.dead_files,
]
CHECKS: dict[str, list[Check]] = {
    "python": [
        *SHARED,
        code.unreachable_modules,
        code.unmarked_packages,
        code.unused_names,
        code.unused_dependencies,
        code.undeclared_imports,
        code.unread_settings,
        code.undocumented_settings,
    ],
    "typescript": [
        *SHARED,
        formats.complaints_of_node,
        typescript.unresolved_imports,
        typescript.unreachable_modules,
        typescript.unused_names,
        typescript.unused_dependencies,
        typescript.undeclared_imports,
        typescript.unread_settings,
        typescript.undocumented_settings,
    ],
}


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
FRAMEWORKS = CHOICES["backend_framework"]
ROWS = [row for one in FRAMEWORKS for row in covering(dimensions(CHOICES, one), legal)]
NEW = [
    len(pairs_of(row) - set[frozenset[tuple[str, str]]]().union(*map(pairs_of, ROWS[:number])))
    for number, row in enumerate(ROWS)
]


def test_the_rows_hold_every_pair() -> None:
    held = set[frozenset[tuple[str, str]]]().union(*map(pairs_of, ROWS))
    for framework in FRAMEWORKS:
        wanted = all_pairs(dimensions(CHOICES, framework))
        assert {pair for pair in wanted if legal(dict(pair))} - held == set()
    assert all(legal(row) for row in ROWS)


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_a_repo_of_any_pair_is_whole(copier: CopierFixture, tmp_path: Path, number: int) -> None:
    answers = answers_of(ROWS[number], CHOICES)
    repo = Repo(copier.copy(tmp_path / "shop", **answers).path)
    assert {name: repo.answers[name] for name in answers} == answers
    checks = CHECKS[LANGUAGE_OF_FRAMEWORK[answers["backend_framework"]]]
    found = {check.__name__: list(check(repo)) for check in checks}
    assert {name: problems for name, problems in found.items() if problems} == {}
    count("covered pairs", pairs=NEW[number], renders=1)


# Where what is planted is looked for: at the default places, with one agent tool.
PLAIN = {
    "company_name": "short",
    "api_structure": "default",
    "lib_path": "default",
    "constants_path": "default",
    "runtime_env": "container",
    "cursor": "without",
    "claude": "with",
}
SHOWN = {"python": "fastapi", "typescript": "express"}
Sound = Callable[[str], Path]


@pytest.fixture(scope="session")
def sound(plain_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Sound:
    """A repo of each language in which the checks find nothing, made when it is asked for."""
    renderer = CopierFixture(plain_template, {}, pytest.MonkeyPatch())

    @cache
    def make(language: str) -> Path:
        first = next(row for row in ROWS if row["backend_framework"] == SHOWN[language])
        row: Row = dict(first) | PLAIN
        target = tmp_path_factory.mktemp("sound") / "shop"
        return renderer.copy(target, **answers_of(row, CHOICES)).path

    return make


PLANTS = [
    (language, check, *plant)
    for language, checks in PLANTED.items()
    for check, plants in checks.items()
    for plant in plants
]


class Spoilt(Repo):
    """A repo with something put to the end of a file, as the checks read it."""

    def __init__(self, path: Path, name: str, text: str) -> None:
        """Add the text where it is read, and where tools look."""
        super().__init__(path)
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        with (path / name).open("a", encoding="utf-8") as file:
            file.write(text)


@pytest.fixture
def spoil(sound: Sound) -> Iterator[Callable[[str, str, str], Repo]]:
    """Spoil a sound repo until the test is over."""
    before: dict[Path, str | None] = {}

    def plant(language: str, name: str, text: str) -> Repo:
        path = sound(language) / name
        before[path] = path.read_text("utf-8") if path.exists() else None
        return Spoilt(sound(language), name, text)

    yield plant
    for path, text in before.items():
        if text is None:
            path.unlink()
        else:
            path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("language", PLANTED)
def test_a_sound_repo_has_nothing_to_find(sound: Sound, language: str) -> None:
    found = {check.__name__: list(check(Repo(sound(language)))) for check in CHECKS[language]}
    assert {name: problems for name, problems in found.items() if problems} == {}


@pytest.mark.parametrize(("language", "check", "name", "text", "told"), PLANTS)
def test_each_check_finds_what_is_planted_for_it(
    spoil: Callable[[str, str, str], Repo],
    language: str,
    check: str,
    name: str,
    text: str,
    told: str,
) -> None:
    repo = spoil(language, name, text)
    (searching,) = [found for found in CHECKS[language] if found.__name__ == check]
    assert any(told in problem for problem in searching(repo)), list(searching(repo))


@pytest.mark.parametrize(
    ("language", "file", "start", "pin"),
    [
        ("python", "pyproject.toml", "dependencies = [\n", '    "leftpad==1.0",\n'),
        ("typescript", "package.json", '"dependencies": {\n', '    "leftpad": "1.0.0",\n'),
    ],
)
def test_a_dependency_that_nothing_uses_is_found(
    sound: Sound, language: str, file: str, start: str, pin: str
) -> None:
    repo = Repo(sound(language))
    repo.texts[file] = repo.texts[file].replace(start, start + pin, 1)
    (searching,) = [one for one in CHECKS[language] if one.__name__ == "unused_dependencies"]
    assert list(searching(repo)) == [f"{file}: nothing uses leftpad"]


@pytest.mark.parametrize("language", PLANTED)
def test_a_check_for_every_plant_and_a_plant_for_every_check(language: str) -> None:
    checks = {check.__name__ for check in CHECKS[language]}
    assert checks - {"unused_dependencies"} == set(PLANTED[language])
