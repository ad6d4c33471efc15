from typing import Any

import pytest

from .conftest import Value

ORDERS = {
    "sku": "string(1..40) unique",
    "status": "enum(draft, in-progress | paid)",
    "total": "decimal",
    "note": "text?",
    "company": "reference(companies)?",
    "placed_at": "datetime ? unique",
}


def fields_of(value: Value, specs: dict[str, str]) -> dict[str, Any]:
    entity = value("entities[0]", key_entities={"orders": specs})
    return {field.name: field for field in entity.fields}


def test_names_of_an_entity(value: Value) -> None:
    entity = value("entities[0]", key_entities="order_items")
    assert (entity.name, entity.table, entity.slug) == ("order_items", "order_items", "order-items")
    assert (entity.singular, entity.cls, entity.label) == ("order_item", "OrderItem", "order item")


@pytest.mark.parametrize("answer", ["feedback, tasks", ["feedback", "tasks"], "[feedback, tasks]"])
def test_a_list_may_be_written_in_any_way(value: Value, answer: Any) -> None:
    entities = value("entities", key_entities=answer)
    assert [entity.name for entity in entities] == ["feedback", "tasks"]
    assert [field.name for field in entities[0].fields] == ["content", "sentiment", "metadata"]
    assert [field.name for field in entities[1].fields] == ["name", "metadata"]


def test_fields_of_every_kind(value: Value) -> None:
    fields = fields_of(value, ORDERS)
    sku, status, company = fields["sku"], fields["status"], fields["company"]
    assert (sku.type, sku.min, sku.max, sku.unique, sku.optional) == ("string", 1, 40, True, False)
    assert status.values == ("draft", "in-progress", "paid")
    assert (company.column, company.json, company.optional) == ("company_id", "companyId", True)
    assert (company.target.table, company.target.cls, company.target.is_main) == (
        "companies",
        "Company",
        True,
    )
    placed = fields["placed_at"]
    assert (placed.json, placed.optional, placed.unique) == ("placedAt", True, True)


def test_a_string_without_bounds_has_the_usual_ones(value: Value) -> None:
    name = fields_of(value, {"name": "string"})["name"]
    assert (name.min, name.max) == (1, 200)


def test_tables_come_in_the_order_in_which_they_can_be_created(value: Value) -> None:
    specs = {
        "items": {"order": "reference(orders)"},
        "tags": {"name": "string"},
        "orders": {"parent": "reference(orders)?"},
    }
    names = [entity.name for entity in value("entities", key_entities=specs)]
    assert names == ["tags", "orders", "items"]


@pytest.mark.parametrize("answer", ["company", "companies"])
def test_the_main_entity_is_known_by_both_its_names(value: Value, answer: str) -> None:
    main = value("main", main_entity=answer)
    assert (main.name, main.singular, main.cls, main.is_main) == (
        "companies",
        "company",
        "Company",
        True,
    )


def test_integrations(value: Value) -> None:
    (sync,) = value("integrations", external_apis="{send_grid: e-mail}")
    assert (sync.name, sync.slug, sync.env) == ("send_grid", "send-grid", "SEND_GRID")
    assert (sync.cls, sync.purpose) == ("SendGrid", "e-mail")
    names = [item.name for item in value("integrations", external_apis="stripe, apideck")]
    assert names == ["stripe", "apideck"]
