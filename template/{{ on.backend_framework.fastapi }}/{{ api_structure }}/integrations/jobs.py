"""The jobs of integrations by name: what a request may ask for without importing a client."""

from typing import Final

SYNC: Final = "integration.sync"
