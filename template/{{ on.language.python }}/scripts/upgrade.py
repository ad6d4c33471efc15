"""`make upgrade`: moves every pin, direct and transitive, to the newest that fit together.

The pins of pyproject.toml and scripts/services/requirements.txt are rewritten in place,
constraints.txt is resolved anew, for every platform and version of Python that the project takes.
Nothing is written when something does not fit.
"""

import re
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

PYPROJECT = Path("pyproject.toml")
CONSTRAINTS = Path("constraints.txt")
SERVICES = Path("scripts/services/requirements.txt")
UV = Path(sys.executable).with_name("uv")
PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?P<extras>\[[^\]]*\])?==(?P<version>[^\s\";]+)")


def direct_pins() -> list[str]:
    project = tomllib.loads(PYPROJECT.read_text())
    pins = [
        *project["project"]["dependencies"],
        *chain.from_iterable(project["dependency-groups"].values()),
        *project.get("build-system", {}).get("requires", []),
        *SERVICES.read_text().splitlines(),
    ]
    # What lies in the repo has no newer version elsewhere.
    here = {
        normalised(tomllib.loads(path.read_text())["project"]["name"])
        for path in Path("packages").glob("*/pyproject.toml")
    }
    return [pin for pin in pins if normalised(re.split(r"[\[=<>~!; ]", pin)[0]) not in here]


def loosened(requirements: list[str]) -> str:
    return "\n".join(PIN.sub(r"\g<name>\g<extras>", requirement) for requirement in requirements)


def resolve(requirements: str) -> str:
    """A list of exact versions. Unlike a lock file it names no registry."""
    python = tomllib.loads(PYPROJECT.read_text())["project"]["requires-python"].removeprefix(">=")
    command = [UV, "pip", "compile", "-", "--quiet", "--universal", "--python-version", python]
    style = ["--no-annotate", "--custom-compile-command", "make upgrade"]
    done = subprocess.run(
        [*command, *style], input=requirements, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode != 0:
        sys.exit("upgrade: the newest versions do not fit together (above); nothing was changed")
    return done.stdout


def moved(text: str, versions: dict[str, str]) -> str:
    def newest(pin: re.Match[str]) -> str:
        version = versions.get(normalised(pin["name"]), pin["version"])
        return f"{pin['name']}{pin['extras'] or ''}=={version}"

    return PIN.sub(newest, text)


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> None:
    pins = direct_pins()
    versions: dict[str, str] = {}
    for pin in PIN.finditer(resolve(loosened(pins))):
        # Of two versions for two ranges of Python the first fits both.
        versions.setdefault(normalised(pin["name"]), pin["version"])
    pinned = resolve("\n".join(moved(pin, versions) for pin in pins))
    for path in (PYPROJECT, SERVICES):
        path.write_text(moved(path.read_text(), versions))
    CONSTRAINTS.write_text(pinned)
    print("upgrade: pins moved; `git diff` shows them, `make check` tells whether they work")


if __name__ == "__main__":
    main()
