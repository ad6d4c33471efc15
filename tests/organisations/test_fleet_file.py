"""What a fleet.yml may hold, and what is said of one that will not do."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from fleet import TEMPLATE
from fleet.config import SCHEMA, BadFleet, load
from fleet.schema import schema

from .fleets import Fleet

EXAMPLE = TEMPLATE / "fleet" / "example.yml"

BAD = {
    "an unknown key": (
        {"service": [], "services": []},
        "unknown key service; did you mean services?",
    ),
    "an unknown key of a service": (
        {"services": [{"folder": "a", "answer": {}}]},
        "services[0]: unknown key answer; did you mean answers?",
    ),
    "an unknown question": (
        {"services": [{"folder": "a", "answers": {"key_entitys": "orders"}}]},
        "services[0].answers: unknown question key_entitys; did you mean key_entities?",
    ),
    "an unknown default": (
        {"defaults": {"compny_name": "Acme"}, "services": []},
        "defaults: unknown question compny_name; did you mean company_name?",
    ),
    "two services in one folder": (
        {"services": [{"folder": "a"}, {"folder": "b/../a"}]},
        "services[1]: folder b/../a is that of services[0], too",
    ),
    "a service in a service": (
        {"services": [{"folder": "a"}, {"folder": "a/b"}]},
        "services[1]: folder a/b and that of services[0] lie in each other",
    ),
    "a folder outside": (
        {"services": [{"folder": "../a"}]},
        "services[0]: folder ../a is not below the folder of the file",
    ),
    "an absolute folder": (
        {"services": [{"folder": "/srv/a"}]},
        "services[0]: folder /srv/a is not below the folder of the file",
    ),
    "no services": ({}, "'services' is a required property"),
    "a list": ([], "[] is not of type 'object'"),
}


@pytest.mark.parametrize(("data", "problem"), BAD.values(), ids=BAD.keys())
def test_a_problem_is_told_in_a_line(tmp_path: Path, data: Any, problem: str) -> None:
    file = tmp_path / "fleet.yml"
    file.write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.raises(BadFleet) as caught:
        load(file)
    assert str(caught.value) == f"{file}: {problem}"


def test_every_problem_has_a_line_and_the_run_ends_with_2(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, TEMPLATE)
    fleet.write({"a": {"company": "Acme"}, "b": {"queue": "celery"}}, versoin="1")
    for command in ("apply", "status"):
        ran = fleet.run(command)
        assert (ran.code, ran.out) == (2, "")
        assert len(ran.said.splitlines()) == 3


@pytest.mark.parametrize("text", ["services: [", "services: !!python/none"])
def test_what_is_no_yaml_is_told_in_a_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "fleet.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadFleet) as caught:
        load(file)
    assert len(str(caught.value).splitlines()) == 1


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadFleet, match="No such file"):
        load(tmp_path / "fleet.yml")


def test_the_schema_is_that_of_the_questions() -> None:
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == schema()


def test_the_example_loads_and_names_its_schema() -> None:
    services = load(EXAMPLE).services
    assert [service.answers["company_name"] for service in services] == ["Acme Corp"] * 2
    first = EXAMPLE.read_text(encoding="utf-8").splitlines()[0]
    reference = first.removeprefix("# yaml-language-server: $schema=")
    assert (EXAMPLE.parent / reference).samefile(SCHEMA)


def test_own_answers_come_before_the_defaults(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, TEMPLATE)
    fleet.write({"a": {"api_prefix": "/v2"}}, defaults={"api_prefix": "/v1", "company_name": "Ä"})
    (service,) = load(fleet.file).services
    assert service.answers == {"api_prefix": "/v2", "company_name": "Ä"}


def test_shards_are_the_whole_fleet_and_each_service_once(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, TEMPLATE)
    fleet.write({f"s{number}": {} for number in range(7)})
    whole = load(fleet.file)
    shards = [service for number in (1, 2, 3) for service in whole.shard(number, 3).services]
    assert sorted(service.name for service in shards) == [f"s{number}" for number in range(7)]
