"""What the tests of the agent files share."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import yaml

ROLES = {
    "claude": ".claude/agents/backend-architect.md",
    "cursor": ".cursor/rules/backend-architect.mdc",
    "copilot": ".github/agents/backend-architect.agent.md",
    "codex": ".codex/agents/backend-architect.toml",
    "gemini": ".gemini/agents/backend-architect.md",
}
GUIDES = {
    "claude": "CLAUDE.md",
    "copilot": ".github/copilot-instructions.md",
    "gemini": "GEMINI.md",
}
FIELDS = {
    "claude": {"name", "description", "tools", "model"},
    "cursor": {"description", "alwaysApply"},
    "copilot": {"name", "description", "tools"},
    "codex": {"name", "description"},
    "gemini": {"name", "description", "kind", "tools"},
}
REGIONS = (
    "api-constants validation-schema api-route extend-table rls-policy queue integration webhook"
).split()
MARKED = re.compile(
    r"^<!-- excerpt: (?P<path>\S+)#(?P<region>\S+) -->\n```\w+\n(?P<code>.*?)\n```$",
    re.MULTILINE | re.DOTALL,
)
ALL_TOOLS = "other_paths"


def agent(project: Path, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-B", "-m", "scripts.agent", *arguments]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def split(path: Path) -> tuple[dict[str, Any], str]:
    """Read a role as its tool does: the fields, and the text below them."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".toml":
        fields = tomllib.loads(text)
        return fields, fields.pop("developer_instructions").strip()
    _, head, body = text.split("---\n", 2)
    return yaml.safe_load(head), body.strip()
