"""Judges who and what the project is: its name, its company, its own packages, its URL prefix."""

import re
from typing import Any

from jinja2 import pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context

SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
MODULE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# @scope/package or package, and what it exports below its name.
NPM = re.compile(r"(@{0}/)?{0}(/{0})*".format(r"[a-z0-9]+([._-][a-z0-9]+)*"))
PREFIX = re.compile(r"(/[a-z0-9]+([._-][a-z0-9]+)*){1,6}")
PLACEHOLDER = re.compile(r"\[[A-Z][A-Z_]{2,}\]")


def npm_package(name: str) -> str:
    """Return the package of an import: its scope belongs to its name, what follows does not."""
    return "/".join(name.split("/")[: 2 if name.startswith("@") else 1])


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
        if self.reserved.language(context)["subpaths"]:
            self._npm_import(context, name)
            return
        if not MODULE.fullmatch(name) or len(name) > 60:
            raise ValueError("write the package's import name, such as acme_shared_logger")
        if self.reserved.is_keyword(context, name, "path"):
            raise ValueError(f"{name} is a keyword and cannot be imported")
        if name in self.reserved.words["windows"]:
            raise ValueError(f"{name} is a device name on Windows")
        if name in self.reserved.taken_at_root(context) | {"packages"}:
            raise ValueError(f"{name} is taken by a module or folder that the service has anyway")

    def _npm_import(self, context: Context, name: str) -> None:
        if not NPM.fullmatch(name) or len(name) > 60 or name.count("/") > 3:
            raise ValueError(
                "write what the code imports, such as @acme/logger or @kit/shared/logger"
            )
        for part in name.removeprefix("@").split("/"):
            if part.split(".")[0] in self.reserved.words["windows"]:
                raise ValueError(f"{part} is a device name on Windows")
        package = npm_package(name)
        if package == context["project_name"]:
            raise ValueError(f"{package} is the project's own name")
        modules = self.reserved.language(context)["modules"].split()
        if package in {*self.reserved.distributions, *modules, "node_modules"}:
            raise ValueError(f"{package} is a package that the service has anyway")

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
        kebab = environment.filters["kebab"]

        def distribution(context: Context) -> str:
            name: str = context["shared_logger_package"]
            npm = environment.reserved.language(context)["subpaths"]
            return npm_package(name) if npm else str(kebab(name))

        @pass_context
        def default_logger(context: Context) -> str:
            company = environment.filters["module_name"](context["company_name"])
            language = environment.reserved.language(context)
            if language["subpaths"]:
                company = company.replace("_", "-")
            return str(language["logger"].format(company=company))

        environment.globals["default_logger"] = default_logger
        environment.derived.derivations.update(
            shared_logger_distribution=distribution,
            shared_logger_folder=lambda context: kebab(context["shared_logger_distribution"]),
        )
        for question in (
            "project_name",
            "company_name",
            "copyright_year",
            "shared_logger_package",
            "api_prefix",
        ):
            judges[question] = getattr(identity, question)
