"""What a team has made of its repo is there after an update."""

import re
import subprocess
import sys

from harness.tally import count

from .history import Repo

ROUTES = "app/feedback/routes.py"


def test_work_of_a_team_is_kept(repo: Repo) -> None:
    repo.replace(ROUTES, "async def get_feedback", "async def show_feedback")
    repo.replace("app/feedback/models.py", "class Feedback", "# Ours.\nclass Feedback")
    repo.replace(
        "app/main.py",
        '"""',
        '"""Ours. ',
    )
    repo.write(".github/workflows/deploy.yml", "name: deploy\non: push\njobs: {}\n")
    repo.replace("pyproject.toml", "dependencies = [", 'dependencies = [\n    "httpie==3.2.4",')
    repo.replace("README.md", "## Licence", "## On call\n\nRing us.\n\n## Licence")
    repo.write(
        ".claude/agents/backend-architect.md",
        repo.read(".claude/agents/backend-architect.md") + "\nAsk Ada first.\n",
    )
    deleted = ("tests/entities/test_feedback.py", "app/lib/cors.py")
    for path in deleted:
        (repo.folder / path).unlink()
    repo.commit()
    before = repo.files()
    done = repo.update()
    assert done.code == 0, done.said
    assert "without a conflict" in done.said
    after = repo.files()
    changed = {path for path in after if after[path] != before.get(path)}
    managed = {"app/lib/rate_limit.py", "app/lib/clock.py", "app/main.py"}
    prompts = {path for path in changed if "backend-architect" in path}
    assert changed - prompts == managed
    assert set(before) - set(after) == set()
    assert not any(path in after for path in deleted)
    assert "Ours. " in repo.read("app/main.py")
    assert "TEMPLATE_SAYS = 2" in repo.read("app/main.py")
    assert "Ask Ada first." in repo.read(".claude/agents/backend-architect.md")
    assert "async def create_feedback" in repo.read(ROUTES)
    count("updates", runs=1, edits_kept=9, conflicts=0)


def test_a_conflict_is_named_and_stops_the_checks(repo: Repo) -> None:
    repo.replace("app/lib/rate_limit.py", "ERROR_SECONDS = 1.0", "ERROR_SECONDS = 7.0")
    repo.commit()
    done = repo.update()
    assert done.code == 0
    said = " ".join(done.said.split())
    assert "1 file could not be merged" in said
    assert "app/lib/rate_limit.py" in said
    text = repo.read("app/lib/rate_limit.py")
    assert "ERROR_SECONDS = 7.0" in text
    assert "ERROR_SECONDS = 2.0" in text
    checked = subprocess.run(
        [sys.executable, "-m", "scripts.leftovers"],
        cwd=repo.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 1
    assert "app/lib/rate_limit.py" in checked.stdout + checked.stderr
    count("updates", runs=1, edits_kept=1, conflicts=1)


def test_what_an_update_deletes_is_named(repo: Repo) -> None:
    done = repo.update({"logging_lib": "shared"})
    assert done.code == 0, done.said
    assert re.search(r"are deleted.*\n\n +app/lib/redaction\.py\n", done.said)


def test_the_list_of_owned_files_is_true(repo: Repo) -> None:
    told = re.findall(r"^- `(.+)`$", repo.read("docs/template.md"), re.MULTILINE)
    assert ROUTES in told
    for pattern in told:
        assert list(repo.folder.glob(pattern)), f"{pattern} is not there"
