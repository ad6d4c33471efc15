"""Judges who and what the project is: its name, its company, its own packages, its URL prefix."""

import re
from typing import Any

from jinja2.ext import Extension
from jinja2.runtime import Context

SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
MODULE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
PREFIX = re.compile(r"(/[a-z0-9]+([._-][a-z0-9]+)*){1,6}")

PLACEHOLDER = re.compile(r"\[[A-Z][A-Z_]{2,}\]")


class Identity:
    """The judgements, with the reserved names of their environment."""

    def __init__(self, environment: Any) -> None:
        """Borrow what earlier extensions made."""
        self.reserved: Any = environment.reserved
        self.slug = environment.filters["kebab"]

    def project_name(self, context: Context, name: str) -> None:
        """Refuse what is no name for a distribution, an image or a folder."""
        if not SLUG.fullmatch(name):
            raise ValueError("write lower-case words joined by -, such as billing-api")
        if len(name) > 50:
            raise ValueError("it is longer than 50 characters")
        if name in self.reserved.words["windows"]:
            raise ValueError(f"{name} is a device name on Windows")
        if name in self.reserved.distributions:
            raise ValueError(f"{name} is the name of a package that services install")

    def company_name(self, context: Context, name: str) -> None:
        """Refuse what could not stand in one line of any file."""
        if not name.strip() or name != name.strip():
            raise ValueError("write a name, without spaces around it")
        if PLACEHOLDER.search(name):
            raise ValueError("it holds a placeholder; write the name that belongs there")
        if len(name) > 100:
            raise ValueError("it is longer than 100 characters")
        if not name.isprintable():
            raise ValueError("it holds a line break or another character that cannot be printed")

    def copyright_year(self, context: Context, year: str) -> None:
        """Refuse what is not a year."""
        if not re.fullmatch(r"[12][0-9]{3}", year):
            raise ValueError("write a year, such as 2026")

    def shared_logger_package(self, context: Context, name: str) -> None:
        """Refuse what cannot be imported, or would shadow something else."""
        if not MODULE.fullmatch(name) or len(name) > 60:
            raise ValueError("write the package's import name, such as acme_shared_logger")
        if name in self.reserved.language(context)["keywords"].split():
            raise ValueError(f"{name} is a keyword and cannot be imported")
        if name in self.reserved.words["windows"]:
            raise ValueError(f"{name} is a device name on Windows")
        if name in self.reserved.taken_at_root(context) | {"packages"}:
            raise ValueError(f"{name} is taken by a module or folder that the service has anyway")

    def api_prefix(self, context: Context, prefix: str) -> None:
        """Refuse what is no path of a URL, or hides what lies outside the prefix."""
        if not PREFIX.fullmatch(prefix) or len(prefix) > 60:
            raise ValueError("write a path such as /api/v1, without a slash at its end")
        first = prefix.split("/")[1]
        if first.split(".")[0] in {"health", "metrics", "docs", "openapi"}:
            raise ValueError(f"/{first} is served outside the prefix")

    def project_slug(self, folder: str) -> str:
        """Return a project's name for a folder of any name."""
        slug: str = self.slug(folder)[:40].rstrip("-")
        if not slug[:1].isalpha():
            slug = f"service-{slug}".rstrip("-")
        taken = self.reserved.words["windows"] | self.reserved.distributions
        return f"{slug}-service" if slug in taken else slug


class IdentityExtension(Extension):
    """Registers the judgements."""

    def __init__(self, environment: Any) -> None:
        """Add each method under the name of its question."""
        super().__init__(environment)
        identity = Identity(environment)
        environment.filters["project_slug"] = identity.project_slug
        judges = environment.derived.judges
        environment.derived.derivations["shared_logger_distribution"] = lambda context: (
            environment.filters["kebab"](context["shared_logger_package"])
        )
        for question in (
            "project_name",
            "company_name",
            "copyright_year",
            "shared_logger_package",
            "api_prefix",
        ):
            judges[question] = getattr(identity, question)
