"""The repository of a service, as git tells of it."""

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from fleet.config import BadFleet

# Half-made work stands in folders of this name, and nothing else does.
SCRATCH = ".fleet-"
# Set within a hook, these would lead git to another repository than the folder's.
ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX")
FAILED_CHECKS = "refs/fleet/failed-checks"
MARKER = "^<<<<<<< before updating"


class Failed(Exception):
    """A command that failed, by the last line of what it said."""


def run(folder: Path, *command: str, input_: str | None = None) -> str:
    """Run a command to its end and return what it printed."""
    environment = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment | {"GIT_TERMINAL_PROMPT": "0"},
        stdin=subprocess.DEVNULL if input_ is None else None,
        input=input_,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        # Ctrl-C is for the fleet: a step that it broke off would be told as one that failed.
        start_new_session=True,
        # What a step inherits is the lock of the run, should the run be killed. A daemon that a
        # service's own make starts would hold it for ever.
        close_fds=command[0] == "make",
    )
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise Failed(said[-1] if said else f"{command[0]} ended with {done.returncode}")
    return done.stdout


@dataclass(frozen=True)
class Release:
    """The version of the template that the services should be at."""

    name: str
    commit: str

    def is_at(self, recorded: str) -> bool:
        """Tell whether an answers file records this version: a tag, or `git describe`."""
        described = re.search(r"(?:^|-g)([0-9a-f]{7,40})$", recorded)
        return recorded == self.name or bool(described and self.commit.startswith(described[1]))


def release(template: str, version: str | None) -> Release:
    """Ask the template's repository for a version, or for its newest release as Copier does."""
    try:
        listed = run(Path.cwd(), "git", "ls-remote", template)
    except Failed as error:
        raise BadFleet(f"template {template}: {error}") from error
    commits: dict[str, str] = {}
    for line in listed.splitlines():
        commit, _, reference = line.partition("\t")
        # What a tag points to is listed after the tag.
        name = re.sub(r"^refs/(tags|heads)/", "", reference).removesuffix("^{}")
        commits[name] = commit
    if version is None:
        tags = re.findall(r"refs/tags/(\S+?)(?:\^\{\})?$", listed, re.MULTILINE)
        found = [(parsed, tag) for tag in tags if (parsed := _parsed(tag))]
        if not found:
            raise BadFleet(f"template {template}: has no release; say with `version` what to take")
        version = max(found)[1]
    if version not in commits and not re.fullmatch(r"[0-9a-f]{7,40}", version):
        raise BadFleet(f"template {template}: has no version {version}")
    return Release(version, commits.get(version, version))


def _parsed(tag: str) -> Version | None:
    try:
        version = Version(tag)
    except InvalidVersion:
        return None
    return None if version.is_prerelease else version


@dataclass(frozen=True)
class Repository:
    """A folder under git."""

    folder: Path

    def git(self, *arguments: str, input_: str | None = None) -> str:
        """Run git in the folder."""
        return run(self.folder, "git", *arguments, input_=input_)

    def is_root(self) -> bool:
        """Tell whether it is a repository of its own, and not a folder of another."""
        try:
            top = self.git("rev-parse", "--show-toplevel").rstrip("\n")
        except Failed:
            return False
        return Path(top) == self.folder

    def is_dirty(self) -> bool:
        """Tell whether something is not committed."""
        return bool(self.git("status", "--porcelain"))

    def head(self) -> str:
        """Return the commit that is checked out."""
        return self.git("rev-parse", "--verify", "HEAD").strip()

    def waits(self, branch: str) -> bool:
        """Tell whether a branch is there and holds what is not merged yet."""
        if not self.git("for-each-ref", f"refs/heads/{branch}"):
            return False
        return bool(self.git("rev-list", "--max-count=1", f"refs/heads/{branch}", "^HEAD"))

    def remember_check(self, passed: bool) -> None:
        """Keep that the check of what is checked out failed, outside branches and tree."""
        name = f"{FAILED_CHECKS}/{self.head()}"
        self.git("update-ref", *(["-d", name] if passed else [name, "HEAD"]))

    def check_failed(self, revision: str) -> bool:
        """Tell whether the last check of a revision failed."""
        try:
            commit = self.git("rev-parse", "--verify", revision).strip()
        except Failed:
            # Nothing has been committed yet.
            return False
        return bool(self.git("for-each-ref", f"{FAILED_CHECKS}/{commit}"))

    @contextmanager
    def elsewhere(self, revision: str, folder: Path) -> Iterator["Repository"]:
        """Check a revision out in a worktree below the folder; what is checked out stays."""
        self.forget_worktrees()
        tree = folder / self.folder.name
        self.git("worktree", "add", "--quiet", "--detach", str(tree), revision)
        try:
            yield Repository(tree)
        finally:
            self.git("worktree", "remove", "--force", "--force", str(tree))

    def conflicts(self, revision: str) -> list[str]:
        """Return the files of a revision that hold markers of an update."""
        command = ("grep", "-z", "--name-only", "--full-name", "-e", MARKER, revision, "--")
        try:
            found = self.git(*command)
        except Failed:
            # So it ends when nothing was found.
            return []
        return sorted(one.removeprefix(f"{revision}:") for one in found.split("\0") if one.strip())

    def unsettled(self) -> list[str]:
        """Return the files that an update could not merge."""
        unmerged = self.git("diff", "--name-only", "--diff-filter=U", "-z").split("\0")
        rejected = self.git("ls-files", "--others", "-z", "--", "*.rej").split("\0")
        return sorted({*unmerged, *rejected} - {""})

    def commit_all(self, message: str, options: Sequence[str] = ()) -> None:
        """Commit everything there is."""
        self.git("add", "--all")
        self.git("commit", "--quiet", *options, "--file", "-", input_=message)

    def forget_worktrees(self) -> None:
        """Remove the worktrees that a run of the fleet has left, and no other."""
        for line in self.git("worktree", "list", "--porcelain").splitlines():
            path = line.removeprefix("worktree ")
            if path != line and Path(path).parent.name.startswith(SCRATCH):
                self.git("worktree", "remove", "--force", "--force", path)
