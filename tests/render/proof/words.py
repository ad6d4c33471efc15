"""No word of what was not chosen, and none of the template's own."""

import re
from collections.abc import Iterator

from .repo import Repo

# What each choice is called in text and code. Words that mean something else, too, are written
# with what makes them the choice's own.
SIGNS = {
    ("backend_framework", "fastapi"): r"(?i:\bfastapi\b)|\buvicorn\b|\bpyproject\.toml\b",
    ("backend_framework", "express"): r"\bExpress\b|\"express\"|\bpackage\.json\b|\bnode_modules\b",
    ("orm_tool", "sqlalchemy"): r"(?i:\bsqlalchemy\b|\balembic\b)",
    ("orm_tool", "drizzle"): r"(?i:\bdrizzle\b)",
    ("orm_tool", "prisma"): r"(?i:\bprisma\b)",
    ("orm_tool", "typeorm"): r"(?i:\btypeorm\b)",
    ("orm_tool", "sequelize"): r"(?i:\bsequelize\b)",
    ("auth_system", "passport"): r"(?i:\bpassport\b)|\bjsonwebtoken\b",
    ("runtime_env", "container"): r"\bDockerfile\b|docker build|\bcompose\.yaml\b",
    ("runtime_env", "node"): r"\bProcfile\b",
    ("validation_lib", "pydantic"): r"(?i:\bpydantic\b)",
    ("validation_lib", "zod"): r"(?i:\bzod\b)",
    ("validation_lib", "joi"): r"\b[Jj]oi\b",
    ("validation_lib", "yup"): r"\b[Yy]up\b",
    ("validation_lib", "class_validator"): r"\bclass-validator\b",
    ("logging_lib", "bunyan"): r"(?i:\bbunyan\b)|\bdtrace-provider\b",
    ("logging_lib", "winston"): r"(?i:\bwinston\b)",
    ("logging_lib", "structlog"): r"\bstructlog\b",
    ("logging_lib", "pino"): r"(?i:\bpino\b)",
    ("logging_lib", "shared"): (
        r"shared[ _-]logger|\bhouse_logs\b|@house/logs|^packages/|(?<![\w/-])packages/"
    ),
    ("rate_limit_lib", "express_rate_limit"): r"\bexpress-rate-limit\b|\brate-limit-redis\b",
    ("rate_limit_lib", "redis_rate_limiter"): (
        r"`limits`|\blimits\[r|\b(from|import) limits\b|\brate-limiter-flexible\b"
    ),
    ("rate_limit_lib", "custom"): r"the repo's own, in Redis",
    ("queue_system", "celery"): r"(?i:\bcelery\b)",
    ("queue_system", "bullmq"): r"(?i:\bbullmq\b)",
    ("queue_system", "agenda"): r"(?i:\bagenda(js)?\b)",
    ("queue_system", "sqs"): r"(?i:\bsqs|\baws_|\bmoto\b)",
    ("package_manager", "uv"): r"\buv pip install\b|\buv sync\b|\buv venv\b|setup-uv",
    ("package_manager", "pip"): r"--build-constraint|bypass-selection|\bpip==",
    ("package_manager", "npm"): r"\bnpm ci\b|\bpackage-lock\.json\b",
    ("package_manager", "pnpm"): r"\bpnpm\b",
    ("package_manager", "yarn"): r"\b[Yy]arn\b",
    ("package_manager", "bun"): r"\b[Bb]un\b",
    ("agent_tools", "claude"): r"\bCLAUDE\b|\.claude\b|\b[Cc]laude\b",
    ("agent_tools", "cursor"): r"\.cursor/|\bCursor\b(?! *[(\[])",
    ("agent_tools", "copilot"): r"\b[Cc]opilot\b",
    ("agent_tools", "codex"): r"\b[Cc]odex\b",
    ("agent_tools", "gemini"): r"\bGEMINI\b|\b[Gg]emini\b",
}
# The pins of all choices, what brings Python to a stack of another language, and the refreshing
# of whichever agent files there are.
FOR_EVERY_CHOICE = {
    "logging_lib": ("constraints.txt",),
    "rate_limit_lib": ("constraints.txt",),
    "queue_system": ("constraints.txt",),
    # npm comes with Node: what moves pins asks it, whichever installs them.
    "package_manager": (
        "constraints.txt",
        "toolchain.mk",
        ".gitignore",
        "Dockerfile",
        "scripts/upgrade.ts",
    ),
    "agent_tools": ("scripts/agent/",),
    # The databases come by Docker where it runs, whatever the service runs in.
    "runtime_env": ("scripts/services/",),
    # The tools that all stacks share know each kind of stack.
    "backend_framework": ("scripts/agent/", "scripts/leftovers.py"),
}
# Systems that other stacks may bring: none of them is in this one.
NOT_OFFERED = re.compile(
    r"\b(django|flask|nextjs|next\.js|rails|spring boot|"
    r"mongoose|mongodb|mysql|supabase|firebase|auth0|"
    r"sidekiq|slowapi|loguru|passlib|python-jose|poetry)\b",
    re.IGNORECASE,
)
TEMPLATE = {
    "Jinja": re.compile(r"(?<!\$)\{\{ ?(?!\{)[a-z_.]+( \||\(| \}\})|\{%[ -]|\{# "),
    "a placeholder of the seed": re.compile(
        r"\[(COMPANY_NAME|EXTERNAL_INTEGRATION|[A-Z]+_(FRAMEWORK|SYSTEM|TOOL|STRUCTURE|ENV|LIB|"
        r"TABLES|APIS|ENTITIES|ENTITY|PATH|MANAGER))\]"
    ),
    "an undefined value": re.compile(r"Undefined\b(?!Error)|jinja2\."),
    "unfinished work": re.compile(r"\b(TODO|FIXME|XXX|lorem ipsum)\b"),
}


def own_words(repo: Repo) -> Iterator[tuple[str, str]]:
    """Yield path and text of what the template wrote: without the words of the answers."""
    given = [repo.answers["company_name"], *_texts(repo.answers["external_apis"])]
    for name, text in repo.written.items():
        own = text
        for words in sorted(given, key=len, reverse=True):
            for form in forms(words):
                own = own.replace(form, "…")
        yield name, own


def forms(words: str) -> list[str]:
    """Return the ways in which a text is written down: as it is, and escaped."""
    backslashed = words.replace("\\", "\\\\")
    return [
        backslashed.replace('"', '\\"'),
        backslashed.replace("'", "\\'"),
        backslashed,
        words,
    ]


def _texts(apis: object) -> list[str]:
    return [text for text in apis.values() if text] if isinstance(apis, dict) else []


def unchosen(repo: Repo) -> Iterator[str]:
    """Yield names of options that were not chosen."""
    for name, text in own_words(repo):
        for (question, choice), sign in SIGNS.items():
            answer = repo.answers[question]
            chosen = answer if isinstance(answer, list) else [answer]
            if choice not in chosen and not name.startswith(FOR_EVERY_CHOICE.get(question, ())):
                for found in re.finditer(sign, f"{name}\n{text}", re.MULTILINE):
                    yield f"{name}: {found[0]!r} is of {question}={choice}"
        # What the emulator of SQS is made with stands where its packages are pinned.
        pins = name in ("constraints.txt", "scripts/services/requirements.txt")
        for found in [] if pins else NOT_OFFERED.finditer(text):
            yield f"{name}: {found[0]!r} is of no stack that is offered"


def leftovers(repo: Repo) -> Iterator[str]:
    """Yield what belongs to the template and not to what it makes."""
    for name, text in own_words(repo):
        for kind, pattern in TEMPLATE.items():
            # TypeScript says at times what is undefined.
            if kind == "an undefined value" and name.endswith(".ts"):
                continue
            if found := pattern.search(text):
                yield f"{name}: {found[0]!r} is {kind}"
    if repo.answers["company_name"] != "Acme Corp":
        for name, text in own_words(repo):
            if found := re.search(r"\bAcme\b", text, re.IGNORECASE):
                yield f"{name}: {found[0]!r}, though the company has another name"


def untidy(repo: Repo) -> Iterator[str]:
    """Yield files whose lines do not end as lines do."""
    for name, text in repo.written.items():
        if "\r" in text or (text and not text.endswith("\n")) or text.endswith("\n\n"):
            yield f"{name}: it does not end as a file does"
        if not name.endswith(".md") and re.search(r"[ \t]\n", text):
            yield f"{name}: blanks stand at the end of a line"
