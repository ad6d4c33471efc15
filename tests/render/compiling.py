"""Compiles the template's files once for the hundreds of repos that a process renders.

Copier does it anew for each repo: half of the time of a render. It also asks git about every file,
which is for repos that are there already: here all are new.
"""

from collections.abc import Iterator
from types import CodeType
from typing import Any

import copier._main
import pytest
from jinja2 import Environment


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Remember the code of a text by the text itself, whichever clone it was read from."""
    compile_anew = Environment.compile
    remembered: dict[tuple[str, str | None], CodeType] = {}

    def compile_once(
        self: Environment, source: Any, name: str | None = None, file: Any = None, *how: Any
    ) -> Any:
        if how or not isinstance(source, str):
            return compile_anew(self, source, name, file, *how)
        if (source, name) in remembered:
            # An extension of Copier's minds its own state here.
            self.preprocess(source, name, file)
        else:
            remembered[source, name] = compile_anew(self, source, name, file)
        return remembered[source, name]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "compile", compile_once)
        patch.setattr(copier._main, "is_git_available", lambda: False)
        yield
