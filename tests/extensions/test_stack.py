from typing import Any

import pytest
from copier.errors import UserMessageError

from .conftest import Value


def test_on_is_a_dot_for_the_answer_and_nothing_for_the_rest(value: Value) -> None:
    assert value("on.logging_lib.structlog") == "."
    assert value("on.logging_lib.shared") == ""
    assert value("on.logging_lib.shared", logging_lib="shared") == "."


def test_on_knows_several_answers(value: Value) -> None:
    tools = ["claude", "gemini"]
    assert value("on.agent_tools.gemini", agent_tools=tools) == "."
    assert value("on.agent_tools.cursor", agent_tools=tools) == ""


def test_the_language_is_derived(value: Value) -> None:
    assert value("language") == "python"
    assert value("on.language.python") == "."


def test_a_folder_may_name_the_form_of_schemas(value: Value) -> None:
    assert value("on.input_schemas.calls") == "."
    assert value("on.input_schemas.classes", validation_lib="class_validator") == "."
    assert value("on.input_schemas.calls", validation_lib="class_validator") == ""


@pytest.mark.parametrize("name", ["on.logging_lib.structlogg", "on.loging_lib.structlog"])
def test_a_typo_in_a_path_is_an_error(value: Value, name: str) -> None:
    with pytest.raises(UserMessageError, match="The template asks for on"):
        value(name)


def test_default_paths_follow_the_api(value: Value) -> None:
    assert value("default_path('lib_path')", api_structure="src/api") == "src/api/lib"
    assert value("default_path('routes_path')") == "app/{entity}/routes.py"


def test_derived_values_follow_a_change_of_answers(value: Value) -> None:
    assert value("entities | map(attribute='name') | list") == ["feedback"]
    changed: Any = value("entities | map(attribute='name') | list", key_entities="tasks, posts")
    assert changed == ["tasks", "posts"]
    assert value("app_package", api_structure="src/api") == "src.api"


def test_a_variable_of_the_template_hides_a_derived_name(value: Value) -> None:
    assert value("language", language="other") == "other"
