import ast
import json

import pytest
import yaml

from .conftest import Value, load_extension

names = load_extension("names")

SINGULARS = {
    "orders": "order",
    "companies": "company",
    "feedback": "feedback",
    "statuses": "status",
    "categories": "category",
    "news": "news",
    "addresses": "address",
    "boxes": "box",
    "matches": "match",
    "dishes": "dish",
    "quizzes": "quiz",
    "houses": "house",
    "purchases": "purchase",
    "responses": "response",
    "invoices": "invoice",
    "caches": "cache",
    "cases": "case",
    "buses": "bus",
    "campuses": "campus",
    "bonuses": "bonus",
    "clauses": "clause",
    "people": "person",
    "children": "child",
    "analyses": "analysis",
    "bases": "basis",
    "movies": "movie",
    "heroes": "hero",
    "keys": "key",
    "status": "status",
    "class": "class",
    "analysis": "analysis",
    "order": "order",
    "order_items": "order_item",
    "news_feeds": "news_feed",
    "shipping_addresses": "shipping_address",
    "site_analyses": "site_analysis",
}


@pytest.mark.parametrize(("plural", "singular"), SINGULARS.items())
def test_singular(plural: str, singular: str) -> None:
    assert names.singular(plural) == singular


@pytest.mark.parametrize(
    ("singular", "plural"),
    {
        "company": "companies",
        "box": "boxes",
        "person": "people",
        "customer": "customers",
        "status": "statuses",
        "day": "days",
        "match": "matches",
        "feedback": "feedback",
        "business_unit": "business_units",
        "people": "people",
    }.items(),
)
def test_plural(singular: str, plural: str) -> None:
    assert names.plural(singular) == plural


@pytest.mark.parametrize("plural", [word for word in SINGULARS if word not in SINGULARS.values()])
def test_a_plural_survives_the_way_there_and_back(plural: str) -> None:
    assert names.plural(names.singular(plural)) == plural


@pytest.mark.parametrize("spelling", ["order_item", "order-item", "OrderItem", "Order Item"])
def test_case_forms_do_not_depend_on_the_spelling(spelling: str) -> None:
    forms = [form(spelling) for form in (names.snake, names.kebab, names.camel, names.pascal)]
    assert forms == ["order_item", "order-item", "orderItem", "OrderItem"]
    assert names.title(spelling) == "Order Item"


def test_words_fold_accents_and_part_acronyms() -> None:
    assert names.words("Größe HTTPServer 2x") == ["grosse", "http", "server", "2x"]


@pytest.mark.parametrize(
    ("company", "package"),
    {
        "Acme Corp": "acme_corp",
        "3M": "company_3m",
        "Ж": "company",
        "Zoë & Söhne": "zoe_sohne",
        "x" * 80: "x" * 30,
    }.items(),
)
def test_a_package_can_be_named_after_any_company(company: str, package: str) -> None:
    assert names.module_name(company) == package


TEXTS = ["Acme", "O'Brien", 'the "best"', "both ' and \"", "back\\slash", 'Zoë – "x"', "{{ x }}"]


@pytest.mark.parametrize("text", TEXTS)
def test_literals_mean_the_text(text: str) -> None:
    assert ast.literal_eval(names.py_string(text)) == text
    assert json.loads(names.json_string(text)) == text
    assert yaml.safe_load(names.json_string(text)) == text


@pytest.mark.parametrize(
    ("text", "literal"),
    {"a": '"a"', "it's": '"it\'s"', 'a "b"': "'a \"b\"'", "'\"": '"\'\\""'}.items(),
)
def test_python_literals_take_the_quotes_with_fewer_escapes(text: str, literal: str) -> None:
    assert names.py_string(text) == literal


@pytest.mark.parametrize(
    ("folder", "slug"),
    {
        "billing": "billing",
        "My Project": "my-project",
        "fastapi": "fastapi-service",
        "aux": "aux-service",
        "2026": "service-2026",
        "Ж": "service",
        "a" * 80: "a" * 40,
    }.items(),
)
def test_a_project_can_be_named_after_any_folder(value: Value, folder: str, slug: str) -> None:
    assert value("folder | project_slug", folder=folder) == slug
