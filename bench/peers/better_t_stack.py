"""create-better-t-stack: a generator of TypeScript projects; here a backend alone."""

import os

from . import tools
from .contestant import PROJECT, Command, Contestant
from .load import Request

VERSION = "3.44.1"
OPTIONS = (
    "--frontend none --backend fastify --runtime node --database postgres --orm drizzle "
    "--api trpc --auth none --payments none --addons none --examples todo --db-setup none "
    "--package-manager npm --no-git --no-install --web-deploy none --server-deploy none "
    "--disable-analytics --no-render-title --open none"
)
# Its server's port is in its code.
PORT = 3000


class BetterTStack(Contestant):
    title = f"create-better-t-stack {VERSION}"
    table = "todo"
    options = "Node, Fastify, tRPC, PostgreSQL, Drizzle"
    route = "`POST /trpc/todo.create`: inserts a text, answers the driver's result"

    @staticmethod
    def generation() -> Command:
        script = tools.package("create-better-t-stack", VERSION)
        return Command([tools.node(), script, "create", PROJECT, *OPTIONS.split()], {})

    def variables(self) -> dict[str, str]:
        return {
            "PATH": f"{tools.node().parent}{os.pathsep}{os.environ['PATH']}",
            "NODE_ENV": "production",
            "CORS_ORIGIN": "http://127.0.0.1:3001",
            "DATABASE_URL": self.database.geturl(),
        }

    def prepare(self) -> None:
        # Its bundler needs a package that the registry may lack; the service runs without.
        self.install("npm", "pkg", "delete", "devDependencies.tsdown", "--workspace", "server")
        self.install("npm", "install", "--include", "dev", "--no-audit", "--no-fund")
        self.install("npm", "run", "db:push")

    def start(self) -> str:
        run = (self.folder / "node_modules/.bin/tsx", "src/index.ts")
        return self.launch(*run, port=PORT, cwd=self.folder / "apps" / "server")

    def request(self, url: str) -> Request:
        return Request("POST", f"{url}/trpc/todo.create", {"text": "a sample text"})
