"""Compiles a text once for each run.

Copier renders every part of every path from its source, and with it the name of the answers file:
two thousand texts for a service, of which two hundred differ.
"""

from types import CodeType
from typing import Any

from jinja2.ext import Extension


class CompiledExtension(Extension):
    """Remembers the code of the texts that have no name, as long as the environment lives."""

    def __init__(self, environment: Any) -> None:
        """Put a memory before the compiler."""
        super().__init__(environment)
        compile_anew = environment.compile
        remembered: dict[str, CodeType] = {}

        def compile_once(source: Any, *named: Any, **options: Any) -> Any:
            if named or options or not isinstance(source, str):
                return compile_anew(source, *named, **options)
            if source in remembered:
                # Copier forgets the last path's loop in a preprocessor, so that has to run.
                environment.preprocess(source)
            else:
                remembered[source] = compile_anew(source)
            return remembered[source]

        environment.compile = compile_once
