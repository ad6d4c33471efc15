import sys


class ServicesError(Exception):
    """What the user can do something about, in one line."""


def say(message: str) -> None:
    """Progress goes to stderr: stdout is for the shell that evaluates it."""
    print(message, file=sys.stderr, flush=True)
