"""The rules bite: what an engineer might let slip is found and named, what is right is left alone.

Patches are committed one after the other and judged together, which is what a branch looks like:
each has to be named by its rule in a line of its own, and nothing else may be.
"""

import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from harness import Project
from harness.console import say
from harness.tally import count

from .patches import Copy, Patch, Told, folders, load
from .stack import Stack

# These read the code and the running service; R10 takes a run of all tests, so it has its own.
QUICK = [f"R{number}" for number in range(1, 10)]
GOOD = "good"
AGENT = "agent"
Branch = tuple[str, ...]
# Whose patches apply beside each other: every branch takes a minute.
TOGETHER: list[Branch] = [("R10",), ("R1", "R3", "R5", "R8"), ("R2", "R6", "R9"), ("R4", "R7")]
BRANCHES = [*TOGETHER, (GOOD,), (AGENT,)]
OF_A_DOMAIN: list[Branch] = [("bad",)]
# Each keeps a core busy.
AT_ONCE = 2


class Judged:
    """The outcomes for one stack; all are under way from the start."""

    def __init__(
        self,
        stack: str,
        branches: list[Branch],
        ready: Project,
        folder: Path,
        pool: ThreadPoolExecutor,
    ) -> None:
        names = [name for branch in branches for name in branch]
        assert sorted(names) == folders(stack)
        self._ready = ready
        self._folder = folder
        self.patches = {name: load(stack, name) for name in names}
        self._told = {branch: pool.submit(self._judge, branch) for branch in branches}

    def __getitem__(self, branch: Branch) -> Told:
        told: Future[Told] = self._told[branch]
        return told.result()

    def _judge(self, branch: Branch) -> Told:
        copy = Copy(self._ready, self._folder / "-".join(branch))
        for name in branch:
            for patch in self.patches[name]:
                copy.commit(patch)
        if branch == (AGENT,):
            return copy.check()
        return copy.rules() if branch == ("R10",) else copy.rules(*QUICK)


@pytest.fixture(scope="module")
def defaults(stack: Stack, ready: Project, workspace: Path) -> Iterator[Judged]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield Judged(stack.name, BRANCHES, ready, workspace / f"teeth-{stack.name}", pool)


@pytest.fixture(scope="module")
def domain(ready: Project, workspace: Path) -> Iterator[Judged]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield Judged("domain", OF_A_DOMAIN, ready, workspace / "teeth-domain", pool)


@pytest.mark.stacks("default answers")
@pytest.mark.parametrize("branch", TOGETHER, ids="-".join)
def test_a_bad_patch_is_named_by_its_rule_alone(defaults: Judged, branch: Branch) -> None:
    told = defaults[branch]
    assert told.broken == set(branch), told.output
    assert all(len(defaults.patches[rule]) >= 2 for rule in branch)
    check([patch for rule in branch for patch in defaults.patches[rule]], told)


@pytest.mark.stacks("domain")
def test_bad_patches_are_found_under_other_paths(domain: Judged) -> None:
    patches = domain.patches["bad"]
    told = domain[OF_A_DOMAIN[0]]
    assert told.broken == {patch.rule for patch in patches}, told.output
    check(patches, told)


@pytest.mark.stacks("default answers")
def test_good_patches_are_left_alone(defaults: Judged) -> None:
    told = defaults[(GOOD,)]
    for patch in defaults.patches[GOOD]:
        say(f"  left alone  {patch.story}")
    assert told.judged == set(QUICK), told.output
    assert told.broken == set(), told.output
    assert told.code == 0
    count("teeth", good_patches=len(defaults.patches[GOOD]), false_alarms=0)


@pytest.mark.stacks("default answers")
def test_make_check_names_what_the_prompt_has_wrong(defaults: Judged) -> None:
    told = defaults[(AGENT,)]
    assert told.code != 0
    for patch in defaults.patches[AGENT]:
        for says in patch.says:
            assert re.search(f"^{says}", told.output, re.MULTILINE), told.output
        say(f"  agent named  {patch.story}")
    count("teeth", prompt_patches=len(defaults.patches[AGENT]))


def check(patches: list[Patch], told: Told) -> None:
    """Each patch has its lines, and each line its patch."""
    assert told.code != 0
    for patch in patches:
        assert patch.says, patch.name
        for says in patch.says:
            assert any(_fits(patch, says, failure) for failure in told.failures), (
                f"{patch.rule} {patch.name}: nothing says {says!r}:\n{told.output}"
            )
        say(f"  {patch.rule:3} named  {patch.story}")
    for failure in told.failures:
        whose = [p for p in patches if any(_fits(p, says, failure) for says in p.says)]
        assert whose, f"a false alarm: {failure}"
    count("teeth", bad_patches=len(patches), named=len(patches))


def _fits(patch: Patch, says: str, failure: tuple[str, str]) -> bool:
    rule, line = failure
    return rule == patch.rule and re.match(says, line) is not None
