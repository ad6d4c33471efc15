"""What is planted into a sound repo of each language, for each check to find."""

# What is planted, by the check that has to find it: a file, what is put to its end, what is told.
PLANTED: dict[str, dict[str, list[tuple[str, str, str]]]] = {
    "python": {
        "unparsable": [
            ("app/main.py", "def (", "app/main.py: invalid syntax"),
            ("compose.yaml", "a: [", "compose.yaml: "),
            (".github/renovate.json", "{", ".github/renovate.json: "),
            ("pyproject.toml", "x = ", "pyproject.toml: "),
        ],
        "complaints": [
            ("app/main.py", "x=1\n", "ruff: unformatted"),
            ("app/main.py", "import os\n", "F401"),
            ("Dockerfile", "RUN cd /tmp\n", "hadolint: "),
            ("docker/postgres/roles.sh", "if true\n", "bash: "),
        ],
        "stale_agent_files": [("AGENTS.md", "`make nothing`\n", "has no target `nothing`")],
        "unchosen": [
            ("README.md", "It logs with the shared logger.\n", "'shared logger' is of logging_lib"),
            ("README.md", "`limits` counts.\n", "'`limits`' is of rate_limit_lib"),
            ("README.md", "Cursor reads it.\n", "'Cursor' is of agent_tools=cursor"),
            ("README.md", "Or Django.\n", "'Django' is of no stack"),
            ("install.mk", "\tpip install --build-constraint x\n", "is of package_manager=pip"),
        ],
        "leftovers": [
            ("README.md", "{{ company }}\n", "is Jinja"),
            ("README.md", "[COMPANY_NAME]\n", "is a placeholder of the seed"),
            ("README.md", "Acme's\n", "'Acme', though"),
            ("app/main.py", "# TODO\n", "is unfinished work"),
        ],
        "untidy": [
            ("README.md", "\n", "README.md: it does not end"),
            ("Makefile", "x \n", "Makefile: blanks"),
        ],
        "unreachable_modules": [
            ("app/lib/forgotten.py", "X = 1\n", "app/lib/forgotten.py: nothing comes"),
            ("tests/helpers.py", "X = 1\n", "tests/helpers.py: nothing comes"),
            ("scripts/old.py", "X = 1\n", "scripts/old.py: nothing comes"),
        ],
        "unmarked_packages": [
            ("app/more/code.py", "X = 1\n", "app/more: the package has no __init__.py"),
            ("app/void/__init__.py", "", "app/void: the package is empty"),
        ],
        "unused_names": [
            ("app/constants.py", "NEVER_READ = 1\n", "app/constants.py: nothing uses NEVER_READ"),
            ("app/lib/errors.py", "def idle() -> None: ...\n", "errors.py: nothing uses idle"),
            (
                "scripts/dev.py",
                "class Idle:\n    def lie_idle(self): ...\n",
                "nothing uses lie_idle",
            ),
        ],
        "unread_settings": [
            ("app/settings.py", "class More:\n    unread: int = 1\n", "nothing reads unread"),
        ],
        "undocumented_settings": [
            ("app/settings.py", "class More:\n    more_key: str\n", "MORE_KEY is not in both"),
            ("app/settings.py", "class More:\n    more_key: str\n", "MORE_KEY has no default"),
            (".env.example", "OLD_KEY=\n", "OLD_KEY is not in both"),
            ("README.md", "| `OLD_KEY` | x |\n", "README.md: OLD_KEY is no setting"),
        ],
        "undeclared_imports": [("app/main.py", "import flask\n", "imports flask")],
        "dead_files": [("docker/old.conf", "x\n", "docker/old.conf: nothing names this file")],
    },
    "typescript": {
        "unparsable": [("package.json", "{", "package.json: ")],
        "complaints": [("Dockerfile", "RUN cd /tmp\n", "hadolint: ")],
        "stale_agent_files": [("AGENTS.md", "`make nothing`\n", "has no target `nothing`")],
        "unchosen": [
            ("README.md", "Or FastAPI.\n", "'FastAPI' is of backend_framework"),
            ("src/main.ts", "// As Celery does.\n", "'Celery' is of queue_system"),
        ],
        "leftovers": [("src/main.ts", "// {{ company | title }}\n", "is Jinja")],
        "untidy": [("src/main.ts", "\n", "src/main.ts: it does not end")],
        "dead_files": [("docker/old.conf", "x\n", "docker/old.conf: nothing names this file")],
        "complaints_of_node": [
            ("src/main.ts", "export const x=1\n", "prettier: "),
            ("src/main.ts", 'export const x: number = "a";\n', "error TS2322"),
        ],
        "unresolved_imports": [
            ("src/main.ts", 'import { x } from "#lib/gone";\n', "#lib/gone leads to no file"),
            ("src/main.ts", 'import { x } from "./gone.js";\n', "./gone.js is relative"),
        ],
        "unreachable_modules": [
            ("src/lib/forgotten.ts", "export const x = 1;\n", "forgotten.ts: nothing comes"),
            ("tests/helpers.ts", "export const x = 1;\n", "tests/helpers.ts: nothing comes"),
            ("scripts/old.ts", "export const x = 1;\n", "scripts/old.ts: nothing comes"),
        ],
        "unused_names": [
            ("src/constants.ts", "export const NEVER_READ = 1;\n", "nothing uses NEVER_READ"),
            ("src/lib/pause.ts", "export function idle() {}\n", "pause.ts: nothing uses idle"),
        ],
        "undeclared_imports": [("src/main.ts", 'import koa from "koa";\n', "imports koa")],
        "unread_settings": [
            (
                "src/settings.ts",
                "export interface MoreSettings {\n  unread: number;\n}\n",
                "nothing reads unread",
            ),
        ],
        "undocumented_settings": [
            (
                "src/settings.ts",
                "export interface MoreSettings {\n  moreKey: number;\n}\n",
                "MORE_KEY is not in both",
            ),
            (".env.example", "OLD_KEY=\n", "OLD_KEY is not in both"),
            ("README.md", "| `OLD_KEY` | x |\n", "README.md: OLD_KEY is no setting"),
        ],
    },
}
