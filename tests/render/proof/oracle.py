"""Which answers go together, said a second time: from what the systems are, not from the rules.

It is written from the documents that the template was built after. What it knows is facts about
single systems; a combination is legal when no fact speaks against it.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

LANGUAGE_OF_FRAMEWORK = {
    "fastapi": "python",
    "django": "python",
    "express": "typescript",
    "nextjs": "typescript",
    "rails": "ruby",
    "spring_boot": "java",
}
# Libraries and package managers that exist in one language.
HOME = {
    "sqlalchemy": "python",
    "beanie": "python",
    "django_orm": "python",
    "pydantic": "python",
    "structlog": "python",
    "celery": "python",
    "uv": "python",
    "pip": "python",
    "poetry": "python",
    "prisma": "typescript",
    "drizzle": "typescript",
    "typeorm": "typescript",
    "sequelize": "typescript",
    "mongoose": "typescript",
    "zod": "typescript",
    "joi": "typescript",
    "yup": "typescript",
    "class_validator": "typescript",
    "winston": "typescript",
    "pino": "typescript",
    "bunyan": "typescript",
    "bullmq": "typescript",
    "agenda": "typescript",
    "npm": "typescript",
    "pnpm": "typescript",
    "yarn": "typescript",
    "bun": "typescript",
    "active_record": "ruby",
    "mongoid": "ruby",
    "sidekiq": "ruby",
    "bundler": "ruby",
    "spring_data": "java",
    "maven": "java",
    "gradle": "java",
}
SQL = {"postgresql", "supabase", "mysql"}
# Mappers that speak SQL and nothing else.
SQL_ONLY = {"sqlalchemy", "prisma", "drizzle", "sequelize", "django_orm", "active_record"}
# What is written for one framework alone: its middleware, its strategies.
FRAMEWORK_OF = {"express_rate_limit": {"express"}, "passport": {"express"}}
# Where a service without a container runs.
HOST_OF = {"node": "typescript"}
# Systems that belong to no language: services, protocols, an own middleware, an own package.
ANYWHERE = {
    *("postgresql", "supabase", "mysql", "mongodb", "redis"),
    *("jwt", "supabase_auth", "auth0", "firebase"),
    *("container", "serverless", "shared", "custom", "redis_rate_limiter", "sqs", "none"),
}


class Clash(NamedTuple):
    """Two answers that cannot both be given, and why."""

    one: tuple[str, str]
    other: tuple[str, str]
    why: str


def clashes(answers: Mapping[str, str]) -> Iterator[Clash]:
    """Yield everything that speaks against a combination of choices."""
    framework = answers["backend_framework"]
    language = LANGUAGE_OF_FRAMEWORK[framework]
    for question, choice in answers.items():
        if HOME.get(choice, language) != language:
            yield Clash((question, choice), ("language", language), "of another language")
        if HOST_OF.get(choice, language) != language:
            yield Clash((question, choice), ("language", language), "no host")
        if framework not in FRAMEWORK_OF.get(choice, {framework}):
            yield Clash(
                (question, choice), ("backend_framework", framework), "of another framework"
            )
    mapper, database = answers.get("orm_tool"), answers.get("database_system")
    if mapper and database and mapper in SQL_ONLY and database not in SQL:
        yield Clash(("orm_tool", mapper), ("database_system", database), "without SQL")


def knows(choice: str) -> bool:
    """Tell whether anything is said about a choice: silence is no proof."""
    return any(
        choice in facts for facts in (HOME, ANYWHERE, HOST_OF, FRAMEWORK_OF, LANGUAGE_OF_FRAMEWORK)
    )
