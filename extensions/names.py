"""Case forms, singular and plural, and literals that are safe to embed."""

import json
import re

from jinja2 import Environment
from jinja2.ext import Extension

IRREGULAR = {
    "person": "people",
    "child": "children",
    "man": "men",
    "woman": "women",
    "mouse": "mice",
    "foot": "feet",
    "tooth": "teeth",
    "datum": "data",
    "criterion": "criteria",
    "quiz": "quizzes",
    "movie": "movies",
    "cookie": "cookies",
    "shoe": "shoes",
    "leaf": "leaves",
    "shelf": "shelves",
    "half": "halves",
    "life": "lives",
    "index": "indexes",
    "database": "databases",
    "purchase": "purchases",
    "response": "responses",
    "lease": "leases",
    "case": "cases",
    "use": "uses",
    "cache": "caches",
}
SINGULARS = {plural: singular for singular, plural in IRREGULAR.items()}
UNCOUNTABLE = frozenset(
    "feedback news series species equipment information metadata analytics software hardware "
    "staff inventory billing chassis canvas media".split()
)


def words(text: str) -> list[str]:
    """Split any spelling of a name into its lower-case words."""
    humps = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    return [word.lower() for word in re.split(r"[^A-Za-z0-9]+", humps) if word]


def snake(text: str) -> str:
    """``order_item``."""
    return "_".join(words(text))


def kebab(text: str) -> str:
    """``order-item``."""
    return "-".join(words(text))


def pascal(text: str) -> str:
    """``OrderItem``."""
    return "".join(word.capitalize() for word in words(text))


def camel(text: str) -> str:
    """``orderItem``."""
    name = pascal(text)
    return name[:1].lower() + name[1:]


def title(text: str) -> str:
    """``Order Item``."""
    return " ".join(word.capitalize() for word in words(text))


def _with_last_word(text: str, change: dict[str, str], rule: str) -> str | None:
    head, separator, last = text.rpartition("_")
    if last in UNCOUNTABLE:
        return text
    if last in change:
        return f"{head}{separator}{change[last]}"
    return None if rule else text


def singular(text: str) -> str:
    """Return the singular of a snake_case collection name."""
    known = _with_last_word(text, SINGULARS, "s")
    if known is not None:
        return known
    if text.endswith("ies") and len(text) > 4:
        return f"{text[:-3]}y"
    if re.search(r"(ss|x|ch|sh|zz|us|is)es$", text):
        return text[:-2]
    if text.endswith("s") and not re.search(r"(ss|us|is)$", text):
        return text[:-1]
    return text


def plural(text: str) -> str:
    """Return the plural of a snake_case name."""
    known = _with_last_word(text, IRREGULAR, "s")
    if known is not None:
        return known
    if re.search(r"[^aeiou]y$", text):
        return f"{text[:-1]}ies"
    if re.search(r"(s|x|z|ch|sh)$", text):
        return f"{text}es"
    return f"{text}s"


def literal(text: str) -> str:
    """Quote a text for Python, TOML and YAML alike: JSON's escapes are legal in all three."""
    return json.dumps(text, ensure_ascii=False)


class NamesExtension(Extension):
    """Registers the case and quoting filters."""

    def __init__(self, environment: Environment) -> None:
        """Register the filters."""
        super().__init__(environment)
        environment.filters.update(
            snake=snake,
            kebab=kebab,
            camel=camel,
            pascal=pascal,
            title=title,
            singular=singular,
            plural=plural,
            py_string=literal,
            toml_string=literal,
            yaml_string=literal,
        )
