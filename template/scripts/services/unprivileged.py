"""Neither server should run as root, and PostgreSQL refuses to: root lends them to another user."""

import contextlib
import os
import pwd
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .errors import ServicesError

# Of its own, so that nothing of the caller's locale or PG* variables reaches the servers.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


class Unprivileged:
    """The user that the servers run as: the caller; for root, the checkout's owner or `nobody`."""

    def __init__(self, checkout: Path) -> None:
        self._lent = os.geteuid() == 0
        self.options: dict[str, Any] = {"env": ENVIRONMENT, "stdin": subprocess.DEVNULL}
        if self._lent:
            user = _borrower(checkout)
            self._ids = (user.pw_uid, user.pw_gid)
            self.options |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def may_enter(self, folder: Path) -> bool:
        return self._succeeds("test", "-x", str(folder))

    def mkdir(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        if self._lent:
            os.chown(folder, *self._ids)

    def run(self, command: list[str], *, cwd: Path, text: str = "") -> None:
        options = {name: value for name, value in self.options.items() if name != "stdin"}
        done = subprocess.run(
            command, cwd=cwd, input=text, capture_output=True, text=True, check=False, **options
        )
        if done.returncode != 0:
            reason = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()
            raise ServicesError(f"{Path(command[0]).name} failed: {reason[-1]}")

    def program(self, package: str, pattern: str, copies: Path) -> Path:
        """A program out of a wheel, or its copy when the virtual environment is closed."""
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise ServicesError(f"{package} is not installed: run `make setup`")
        home = Path(spec.origin).parent
        program = next(home.glob(pattern), None)
        if program is None:
            raise ServicesError(f"{package} has nothing for this machine: start Docker instead")
        if self._succeeds(str(program), "--version"):
            return program
        # Libraries of a wheel lie beside its package and are found relative to the program.
        for folder in (home, home.with_name(f"{package}.libs")):
            if folder.exists():
                shutil.rmtree(copies / folder.name, ignore_errors=True)
                shutil.copytree(folder, copies / folder.name)
        subprocess.run(["chmod", "-R", "a+rX", str(copies)], check=True)
        return copies / program.relative_to(home.parent)

    def _succeeds(self, *command: str) -> bool:
        try:
            return (
                subprocess.run(
                    command, cwd="/", capture_output=True, check=False, **self.options
                ).returncode
                == 0
            )
        except OSError:
            return False


def _borrower(checkout: Path) -> pwd.struct_passwd:
    owner = checkout.stat().st_uid
    if owner != 0:
        # In a container it may have no name.
        with contextlib.suppress(KeyError):
            return pwd.getpwuid(owner)
    with contextlib.suppress(KeyError):
        return pwd.getpwnam("nobody")
    raise ServicesError("root needs a user `nobody` to lend the servers to")
