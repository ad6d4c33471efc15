from pathlib import Path

import pytest

from .history import SECOND, Repo, Template

FASTAPI = "{{ on.backend_framework.fastapi }}"
ROUTES = (
    f"{FASTAPI}/{{% yield routes from modules.routes %}}{{{{ routes.path }}}}{{% endyield %}}.jinja"
)
LIMIT = f"{FASTAPI}/{{{{ lib_path }}}}/rate_limit.py"
MAIN = f"{FASTAPI}/{{{{ api_structure }}}}/main.py.jinja"
NEW_FILE = f"{FASTAPI}/{{{{ lib_path }}}}/clock.py"


def improve(template: Path) -> None:
    """What the next release brings: a line here and there, a new file, a better owned file."""
    routes = template / ROUTES
    routes.write_text(routes.read_text().replace("async def create_", "async def add_"))
    limit = template / LIMIT
    limit.write_text(limit.read_text().replace("ERROR_SECONDS = 1.0", "ERROR_SECONDS = 2.0"))
    main = template / MAIN
    main.write_text(main.read_text() + "\n\nTEMPLATE_SAYS = 2\n")
    (template / NEW_FILE).write_text('"""Clocks."""\n')


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    template = Template(tmp_path_factory.mktemp("template") / "backend-architect")
    template.release(SECOND, improve)
    return template


@pytest.fixture
def repo(template: Template, tmp_path: Path) -> Repo:
    """A service with the default answers, of the first release."""
    return template.generate(tmp_path / "shop")
