"""Generate the default service, boot it on real servers, walk through it, stop it."""

import shutil
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from harness import ProcessFailed, Project, Service, StageFailed, start_services
from harness.console import say, step

from .listener import Outside
from .walk import Surprise, Walk, told

INTERRUPTED = 130


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="backend-architect-demo-"))
    # PostgreSQL refuses root, so then it runs as somebody who must be able to enter.
    folder.chmod(0o755)
    try:
        demo(folder)
    except KeyboardInterrupt:
        say("\nInterrupted; everything is stopped.")
        code = INTERRUPTED
    except (ProcessFailed, StageFailed, Surprise, TimeoutError) as error:
        say(f"\n  ✗ {error}\n\nWhat was generated and every log is kept in {folder}")
        return 1
    else:
        say(f"\nAll as promised, in {time.monotonic() - began:.0f} s. README.md tells how to get")
        say("a service of your own.")
        code = 0
    shutil.rmtree(folder, ignore_errors=True)
    return code


def demo(folder: Path) -> None:
    with ExitStack() as cleanup:
        say("A new service, with the default answers:\n")
        logs = folder / "logs"
        project = Project.generate(folder / "feedback-api", logs, {})
        project.commit()
        project.make("setup")
        cleanup.callback(project.make, "services-stop")
        urls = start_services(project)
        outside = cleanup.enter_context(Outside())
        service = Service(project, logs, urls, _settings(outside))
        cleanup.callback(service.kill)
        # The last to be put there is the first to go: a second Ctrl-C does not stop the cleaning.
        cleanup.callback(signal.signal, signal.SIGINT, signal.SIG_IGN)
        service.migrate()
        with step("make seed, for two tenants"):
            alice = _tenant(service, "Alice")
            bob = _tenant(service, "Bob")
        with step("make run: the API is ready"):
            api = service.start_api()
        with step("make worker: the worker is ready"):
            service.start_worker()
        say("\nWhat it answers:\n")
        Walk(api.base_url, alice, bob, outside).take()
        say("\nStopping:\n")
        for name, code in service.stop().items():
            if code != 0:
                raise Surprise(f"SIGTERM to the {name}: expected exit 0, got {code}")
            told(f"SIGTERM to the {name}", "exit 0", "after finishing what it was doing")


def _tenant(service: Service, name: str) -> dict[str, object]:
    return service.seed(
        account=f"{name}'s company",
        email=f"{name.lower()}@example.com",
        password=f"{name}-has-a-long-password",
    )


def _settings(outside: Outside) -> dict[str, str]:
    return {
        # The receiver and the CRM of the demo are on this machine.
        "WEBHOOK_ALLOW_PRIVATE": "true",
        "APIDECK_BASE_URL": outside.url,
        "APIDECK_API_KEY": "the-demo-has-no-secrets",
    }


if __name__ == "__main__":
    sys.exit(main())
