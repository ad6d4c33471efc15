from pathlib import Path

import pytest

from .history import SECOND, THIRD, Repo, Template
from .teams import TEAMS, Team

ROUTES = "{% yield routes from modules.routes %}{{ routes.path }}{% endyield %}.jinja"
FASTAPI = "{{ on.backend_framework.fastapi }}"
EXPRESS = "{{ on.backend_framework.express }}"
# By stack: where its routes, limiter, entry point and a new file are, and the words that change.
RELEASED = {
    FASTAPI: (
        "rate_limit.py",
        "main.py.jinja",
        "clock.py",
        ("async def create_", "async def add_"),
    ),
    EXPRESS: ("rate-limit.ts", "main.ts", "clock.ts", ("listQuery", "pageQuery")),
}


def improve(template: Path) -> None:
    """What the next release brings: a line here and there, a new file, a better owned file."""
    for stack, (limit, main, clock, renamed) in RELEASED.items():
        lib = template / stack / "{{ lib_path }}"
        for path, old, new in (
            (template / stack / ROUTES, *renamed),
            (lib / limit, "ERROR_SECONDS = 1.0", "ERROR_SECONDS = 2.0"),
            (lib / limit, "AFTER_ERROR_MS = 1_000", "AFTER_ERROR_MS = 2_000"),
        ):
            path.write_text(path.read_text().replace(old, new))
        entry = template / stack / "{{ api_structure }}" / main
        entry.write_text(entry.read_text() + "\n\nTEMPLATE_SAYS = 2\n")
        (lib / clock).write_text("CLOCKS = 1\n")


def improve_again(template: Path) -> None:
    """What the release after it changes, of the old and of the new."""
    for stack, (limit, main, clock, _) in RELEASED.items():
        lib = template / stack / "{{ lib_path }}"
        for path, old, new in (
            (lib / limit, "ERROR_SECONDS = 2.0", "ERROR_SECONDS = 3.0"),
            (lib / limit, "AFTER_ERROR_MS = 2_000", "AFTER_ERROR_MS = 3_000"),
            (lib / clock, "CLOCKS = 1", "CLOCKS = 2"),
            (template / stack / "{{ api_structure }}" / main, "SAYS = 2", "SAYS = 3"),
        ):
            path.write_text(path.read_text().replace(old, new))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    template = Template(tmp_path_factory.mktemp("template") / "backend-architect")
    template.release(SECOND, improve)
    template.release(THIRD, improve_again)
    return template


@pytest.fixture(scope="session", params=TEAMS)
def team(request: pytest.FixtureRequest) -> Team:
    """Each stack, in its own words."""
    return TEAMS[request.param]


@pytest.fixture
def repo(template: Template, team: Team, tmp_path: Path) -> Repo:
    """A service with the default answers, of the first release."""
    return template.generate(tmp_path / "shop", team.answers)
