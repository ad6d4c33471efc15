"""Any names, fields and paths: either the clean refusal, or code that compiles."""

import ast
import os
from pathlib import Path
from typing import Any

import pytest
from copier._main import Worker
from copier.errors import UserMessageError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.tally import count

from .proof.formats import complaints_of_node, unparsable
from .proof.repo import Repo

# SPEC_EXAMPLES=20000 looks longer; CI always looks at the same ones.
EXAMPLES = int(os.environ.get("SPEC_EXAMPLES", "100"))
# Prettier and the compiler take their time for each repo of TypeScript.
WHOLE = {"python": max(12, EXAMPLES // 8), "typescript": max(4, EXAMPLES // 25)}
AWKWARD = (
    "class none true print list type id self order user users job class_ orders people news data "
    "metadata string text json session aux con int str object import feedback company companies"
).split()

near = st.from_regex(r"[a-z][a-z0-9]{0,8}(_[a-z0-9]{1,8}){0,2}", fullmatch=True)
wild = st.text(max_size=20) | st.sampled_from(
    ["{{ x }}", "$(id)", "a'b", "../x", "", "a b", "a\nb"]
)
names = near | st.sampled_from(AWKWARD)
any_names = names | wild
types = st.sampled_from(
    "text? integer decimal boolean? datetime json? string string(1..40) enum(a|b-c) "
    "reference(companies)? reference(feedback)".split()
) | st.builds("{}{}".format, st.sampled_from(["integer", "string", "decimal?"]), st.just(" unique"))
any_types = types | wild | st.none() | st.integers()
fields = st.dictionaries(names, types, min_size=1, max_size=5)
specs = st.dictionaries(names, fields | st.none(), min_size=1, max_size=4)
any_specs = st.one_of(
    specs,
    st.dictionaries(any_names, st.dictionaries(any_names, any_types, max_size=3), max_size=3),
    st.lists(any_names | st.integers(), max_size=3),
    wild,
    st.integers() | st.booleans() | st.none(),
)
folders = st.lists(names, min_size=1, max_size=3).map("/".join)
files = st.builds("{}.{}".format, folders, st.sampled_from(["py", "ts"]))
patterns = st.one_of(folders, files, st.builds("{}/{{entity}}/{}".format, folders, files))
paths = st.fixed_dictionaries(
    {},
    optional={
        "api_structure": folders | wild,
        "constants_path": files | wild,
        "schemas_path": patterns | wild,
        "routes_path": patterns | wild,
        "lib_path": folders | wild,
    },
)
answers = st.builds(
    lambda specs, main, paths: {"key_entities": specs, "main_entity": main, **paths},
    any_specs,
    any_names,
    st.just({}) | paths,
)
legal_looking = st.builds(
    lambda specs, main: {"key_entities": specs, "main_entity": main}, specs, near
)
# Nearly all of these are legal: each name a plain word, each reference to what is there.
plain_types = types.filter(lambda text: "feedback" not in text)
plain_specs = st.dictionaries(
    near, st.dictionaries(near, plain_types, min_size=1, max_size=6), min_size=1, max_size=3
)
legal = st.builds(lambda specs: {"key_entities": specs}, plain_specs)
steady = settings(
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def judged(worker: Worker) -> str:
    """Ask all questions; return the refusal, or nothing."""
    try:
        worker._ask()
    except UserMessageError as error:
        return str(error.message)
    return ""


@pytest.mark.parametrize("framework", ["fastapi", "express"])
def test_any_answers_are_taken_or_refused_in_one_line(
    plain_template: Path, tmp_path: Path, framework: str
) -> None:
    counted = {"legal": 0, "refused": 0}

    @settings(steady, max_examples=EXAMPLES)
    @given(answers | legal_looking | legal)
    def judge(given: dict[str, Any]) -> None:
        target = tmp_path / "shop"
        with Worker(
            src_path=str(plain_template),
            dst_path=target,
            data={"backend_framework": framework, **given},
            defaults=True,
            unsafe=True,
            quiet=True,
        ) as worker:
            told = judged(worker)
        counted["refused" if told else "legal"] += 1
        assert "\n" not in told
        assert not told or told.partition(":")[0] in given
        assert not target.exists()

    judge()
    assert min(counted.values()) > EXAMPLES // 20
    count("specs", **counted)


@pytest.mark.parametrize(
    ("framework", "language"), [("fastapi", "python"), ("express", "typescript")]
)
def test_what_is_taken_compiles(
    plain_template: Path, tmp_path_factory: pytest.TempPathFactory, framework: str, language: str
) -> None:
    counted = {"legal": 0, "refused": 0}

    @settings(steady, max_examples=WHOLE[language])
    @given(legal)
    def render(given: dict[str, Any]) -> None:
        target = tmp_path_factory.mktemp("spec") / "shop"
        with Worker(
            src_path=str(plain_template),
            dst_path=target,
            data={"backend_framework": framework, **given},
            defaults=True,
            unsafe=True,
            quiet=True,
        ) as worker:
            try:
                worker.run_copy()
            except UserMessageError:
                counted["refused"] += 1
                assert not target.exists()
                return
        counted["legal"] += 1
        repo = Repo(target)
        assert list(unparsable(repo)) == []
        if language == "typescript":
            assert list(complaints_of_node(repo)) == []
            return
        for name in repo.service_files():
            imported = [
                alias.asname or alias.name
                for node in repo.trees[name].body
                if isinstance(node, ast.ImportFrom)
                for alias in node.names
            ]
            assert len(set(imported)) == len(imported), name

    render()
    assert counted["legal"] > counted["refused"]
    count("specs", whole_repos=counted["legal"])
