"""What the bench has to know of a framework: how its bare pair is started."""

import shutil
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Framework:
    """A framework, and the program that does the insert with it and nothing else."""

    name: str
    shown: str
    program: str
    # What the bare pair's driver calls PostgreSQL.
    scheme: str
    # Of RESULTS.md.
    section: str

    @property
    def bare(self) -> str:
        """What the figures call the bare pair."""
        return f"bare {self.shown}"

    @property
    def service(self) -> str:
        """What another framework's figures call this one's service."""
        return f"{self.shown}'s service, access token"

    @property
    def notes(self) -> str:
        """What stands over the figures."""
        return (HERE / f"{self.section.replace('service', 'notes', 1)}.md").read_text("utf-8")

    @property
    def results(self) -> Path:
        """Where all figures are kept."""
        return HERE / f"{self.section.replace('service', 'results', 1)}.json"

    def command(self, repo: Path) -> list[str]:
        """The bare pair, run by what the generated repo has installed."""
        if self.program.endswith(".py"):
            return [str(repo / ".venv/bin/python"), str(HERE / self.program)]
        # Node looks for packages beside the program; it is ignored there by git.
        program = shutil.copy(HERE / self.program, repo / "dist")
        brought = repo / ".tools/node/node_modules/.bin/node"
        return [str(brought) if brought.exists() else "node", str(program)]


FRAMEWORKS = {
    one.name: one
    for one in (
        Framework("fastapi", "FastAPI", "bare.py", "postgresql+asyncpg", "service"),
        Framework("express", "Express", "bare.mjs", "postgresql", "service-express"),
    )
}
# What the others are held against.
FIRST = FRAMEWORKS["fastapi"]
