"""What a team has made of its repo is there after an update."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness.tally import count

from .history import RELEASES, Repo, Template
from .teams import Team

CI = ".github/workflows/ci.yml"
# One that is the team's own, and one that follows the template.
REFORMATTED = ("feedback/schemas", "lib/errors")


def reformatted(text: str) -> str:
    """Every indentation doubled, as a formatter with other settings would."""
    return re.sub(r"^ +", lambda spaces: 2 * spaces[0], text, flags=re.MULTILINE)


@pytest.mark.parametrize("release", RELEASES[:-1])
def test_work_of_a_team_is_kept(
    template: Template, team: Team, tmp_path: Path, release: str
) -> None:
    repo = template.generate(tmp_path / "shop", team.answers, release)
    repo.replace(team.routes, *team.renamed)
    repo.replace(team.models, *team.model)
    repo.write(*team.migration)
    repo.write(team.main, f"{team.comment} Ours.\n{repo.read(team.main)}")
    repo.write(".github/workflows/deploy.yml", "name: deploy\non: push\njobs: {}\n")
    repo.replace(CI, "timeout-minutes: ", "timeout-minutes: 1")
    for name in REFORMATTED:
        path = f"{team.app}/{name}{team.suffix}"
        repo.write(path, reformatted(repo.read(path)))
    repo.replace(team.manifest, *team.dependency)
    repo.replace("README.md", "## Licence", "## On call\n\nRing us.\n\n## Licence")
    repo.write(
        ".claude/agents/backend-architect.md",
        repo.read(".claude/agents/backend-architect.md") + "\nAsk Ada first.\n",
    )
    for path in team.deleted:
        (repo.folder / path).unlink()
    repo.commit()
    before = repo.files()
    done = repo.update(tag=RELEASES[-1])
    assert done.code == 0, done.said
    assert "without a conflict" in done.said
    after = repo.files()
    changed = {path for path in after if after[path] != before.get(path)}
    managed = {team.limit, team.clock, team.main}
    prompts = {path for path in changed if "backend-architect" in path}
    assert changed - prompts == managed
    assert set(before) - set(after) == set()
    assert not any(path in after for path in team.deleted)
    assert "Ours." in repo.read(team.main)
    assert "TEMPLATE_SAYS = 3" in repo.read(team.main)
    assert team.dependency[1] in repo.read(team.manifest)
    assert "Ask Ada first." in repo.read(".claude/agents/backend-architect.md")
    assert team.renamed[1] in repo.read(team.routes)
    count("updates", runs=1, edits_kept=13, conflicts=0)


def test_a_conflict_is_named_and_stops_the_checks(repo: Repo, team: Team) -> None:
    first, ours, theirs = (team.retry.format(value) for value in team.retries)
    repo.replace(team.limit, first, ours)
    repo.commit()
    done = repo.update()
    assert done.code == 0
    said = " ".join(done.said.split())
    assert "1 file could not be merged" in said
    assert team.limit in said
    text = repo.read(team.limit)
    assert ours in text
    assert theirs in text
    checked = subprocess.run(
        [sys.executable, "-m", "scripts.leftovers"],
        cwd=repo.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 1
    assert team.limit in checked.stdout + checked.stderr
    count("updates", runs=1, edits_kept=1, conflicts=1)


def test_what_an_update_deletes_is_named(repo: Repo, team: Team) -> None:
    answers, path = team.deleting
    done = repo.update(answers)
    assert done.code == 0, done.said
    assert re.search(rf"are deleted.*\n\n( +\S+\n)* +{re.escape(path)}\n", done.said), done.said


def test_the_list_of_owned_files_is_true(repo: Repo, team: Team) -> None:
    told = re.findall(r"^- `(.+)`$", repo.read("docs/template.md"), re.MULTILINE)
    assert team.routes in told
    for pattern in told:
        assert list(repo.folder.glob(pattern)), f"{pattern} is not there"
