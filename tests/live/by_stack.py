"""One process for all tests of an answer set: the repo, its services and its logs are one."""

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from .stack import STACKS


class ByStack(LoadScopeScheduling):  # type: ignore[misc]
    """xdist's own `loadgroup` does nothing under pytest 9.2: ids take no group any more."""

    def _split_scope(self, nodeid: str) -> str:
        parameters = f"-{nodeid.partition('[')[2].removesuffix(']')}-"
        named = [name for name in STACKS if f"-{name}-" in parameters]
        return max(named, key=len, default=nodeid)
