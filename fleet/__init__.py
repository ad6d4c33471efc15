"""Starts the services of an organisation and keeps them up to date: `make fleet`."""

from pathlib import Path

TEMPLATE = Path(__file__).resolve().parents[1]
