"""The contract suite against the booted service."""

import json
import os
import re
import subprocess
import sys
from typing import Any

from harness import ROOT, Service, tally
from harness.console import say, step, tail
from harness.waiting import free_port

from .stack import Stack, boot_settings

SPARES = 12
SUITE_SECONDS = 1800


def test_contract(stack: Stack, urls: dict[str, str]) -> None:
    service = Service(
        stack.project, stack.logs / "contract", urls, boot_settings(stack, free_port())
    )
    try:
        with step(f"make seed, {SPARES + 5} times"):
            seeds = _seeds(stack, service)
            spares = [stack.seed(service) for _ in range(SPARES)]
        api = service.start_api()
        worker = service.start_worker()
        strict = service.start_api(
            "strict",
            WEBHOOK_ALLOW_PRIVATE="false",
            METRICS_TOKEN="a-token-for-metrics",
            CORS_ORIGINS="https://app.example.test",
            TRUSTED_PROXY_HOPS="0",
        )
        tenants = {
            "version": 1,
            **stack.shape,
            "settings": api.settings,
            "worker_metrics_url": worker.metrics_url,
            "log_files": {"api": [str(api.stdout)], "worker": [str(worker.stdout)]},
            "strict": {"base_url": strict.base_url, "settings": strict.settings},
            "seeds": seeds,
            "spares": spares,
        }
        _run_suite(stack, api.base_url, tenants)
        assert service.stop() == {"api": 0, "worker": 0, "strict": 0}
    finally:
        service.kill()
    stack.check_logs(service)


def _seeds(stack: Stack, service: Service) -> dict[str, Any]:
    a = stack.seed(service)
    b = stack.seed(service)
    account_a, account_b = a["account"]["name"], b["account"]["name"]
    member = stack.seed(service, account=account_a, role="member")
    both_a = stack.seed(service, account=account_a)
    both_b = stack.seed(
        service,
        account=account_b,
        role="member",
        email=both_a["email"],
        password=both_a["password"],
    )
    return {"a_owner": a, "a_member": member, "b_owner": b, "both_a": both_a, "both_b": both_b}


def _run_suite(stack: Stack, base_url: str, tenants: dict[str, Any]) -> None:
    file = stack.logs / "tenants.json"
    file.write_text(json.dumps(tenants, indent=2), encoding="utf-8")
    log = stack.logs / "contract-suite.log"
    command = [sys.executable, "-m", "pytest", "tests/contract", "--base-url", base_url]
    environment = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    with step(f"contract suite, told in {log}"), log.open("wb") as out:
        done = subprocess.run(
            [*command, "--tenants", str(file)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            timeout=SUITE_SECONDS,
            check=False,
        )
    story = log.read_text(encoding="utf-8", errors="replace")
    _say_what_was_shown(story)
    if withstood := re.search(r"^attacks withstood: (\d+)$", story, re.MULTILINE):
        tally.count("security", cases=int(withstood[1]))
    assert done.returncode == 0, f"contract suite, {log}:\n{tail(story)}"


def _say_what_was_shown(story: str) -> None:
    _, found, sections = story.partition("sentences of contract.md shown, by section")
    if found:
        say("    " + sections.split("\n", 1)[1].rstrip().replace("\n", "\n    "))
