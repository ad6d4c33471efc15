"""Section 1: targets that are safe to repeat."""

from harness import Project, Service, start_services

from .stack import Stack


def test_services_and_migrations_are_safe_to_repeat(
    ready: Project, urls: dict[str, str], service: Service
) -> None:
    assert start_services(ready) == urls
    service.migrate()
    service.migrate()


def test_a_seed_is_safe_to_repeat(stack: Stack, service: Service) -> None:
    first = stack.seed(service)
    again = service.seed(
        account=first["account"]["name"], email=first["email"], password=first["password"]
    )
    stack.secrets.add(again["sdkKey"])
    for name in ("account", "user", "mainEntity"):
        assert again[name] == first[name]
