"""What services were, and what their teams did, before an update made them what their sets say."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import Project
from tests.update.history import SECOND, Template
from tests.update.teams import EXPRESS, FASTAPI, Team


@dataclass(frozen=True)
class Past:
    """The answers of the first day, which those of the set replace, and the edits since."""

    team: Team
    next_migration: str
    answers: dict[str, str]
    edits: tuple[tuple[str, str, str], ...]

    def live_through(self, folder: Path, logs: Path, answers: Mapping[str, Any]) -> Project:
        """A repo of an earlier release, edited, and updated to a later one and the `answers`."""
        template = Template(folder.with_name(f"template-of-{folder.name}"))
        template.release(SECOND)
        repo = template.generate(folder, self.team.answers | self.answers)
        repo.write(*self.team.migration)
        for edit in self.edits:
            repo.replace(*edit)
        repo.commit()
        done = repo.update(answers)
        assert done.code == 0, done.said
        assert "without a conflict" in done.said, done.said
        return Project(folder, logs)


README = ("README.md", "## Licence", "## On call\n\nRing us.\n\n## Licence")
# What the code rests on is the set's own from the first day; the defaults of the rest are replaced.
PATHS = {
    "main_entity": "customer",
    "api_structure": "src/api",
    "constants_path": "config/limits.py",
    "routes_path": "views.py",
    "schemas_path": "src/schemas",
    "lib_path": "kit",
}
PASTS = {
    "domain": Past(
        FASTAPI,
        "migrations/versions/0006_create_orders.py",
        answers=PATHS,
        edits=(README, ("views.py", "def get_feedback", "def show_feedback")),
    ),
    "express-updated": Past(
        EXPRESS,
        EXPRESS.next_migration,
        answers={"orm_tool": "typeorm", "validation_lib": "yup"},
        edits=(
            README,
            (
                "src/feedback/routes.ts",
                "export const routes = [",
                "// Feedback is what our product is about.\nexport const routes = [",
            ),
        ),
    ),
}
