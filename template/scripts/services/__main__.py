"""The command line of the services.

`start` prints `export NAME=value` lines for a shell to evaluate; `running` answers by its exit code
alone. The instance `dev` keeps its data; any other is for tests: faster, not durable, and erased
when it is stopped.
"""

import argparse
import shlex
import sys

from . import DURABLE, ServicesError, running, start, stop


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.services", description=__doc__)
    parser.add_argument("action", choices=["start", "stop", "running"])
    parser.add_argument("--name", default=DURABLE, help="instance (default: %(default)s)")
    parser.add_argument("--engine", choices=["auto", "docker", "embedded"], default="auto")
    parser.add_argument("--erase", action="store_true", help="with stop: delete the data, too")
    options = parser.parse_args()
    try:
        if options.action == "stop":
            stop(options.name, erase=options.erase)
        elif options.action == "running":
            sys.exit(not running(options.name))
        else:
            for name, value in start(options.name, options.engine).items():
                print(f"export {name}={shlex.quote(value)}")
    except (ServicesError, OSError) as error:
        sys.exit(f"services: {error}")


if __name__ == "__main__":
    main()
