"""On the PYTHONPATH of a process under test: names of `.test` mean what a file says at the moment.

The file is a table of addresses; whatever it does not name is left to the system.
"""

import json
import os
import socket
from pathlib import Path
from typing import Any

_ask_system = socket.getaddrinfo


def _getaddrinfo(host: Any, *arguments: Any, **named: Any) -> Any:
    table = json.loads(Path(os.environ["NAMES"]).read_text(encoding="utf-8"))
    return _ask_system(table.get(host, host), *arguments, **named)


socket.getaddrinfo = _getaddrinfo
