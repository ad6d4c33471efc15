"""Case forms, singular and plural, and literals that are safe to embed."""

import json
import re
import unicodedata

from jinja2 import Environment
from jinja2.ext import Extension

# Plural by singular, where the rules below would go wrong in one direction or the other.
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
    "analysis": "analyses",
    "crisis": "crises",
    "basis": "bases",
    "diagnosis": "diagnoses",
    "axis": "axes",
    "quiz": "quizzes",
    "movie": "movies",
    "cookie": "cookies",
    "tie": "ties",
    "pie": "pies",
    "leaf": "leaves",
    "shelf": "shelves",
    "half": "halves",
    "life": "lives",
    "knife": "knives",
    "wife": "wives",
    "wolf": "wolves",
    "thief": "thieves",
    "hero": "heroes",
    "potato": "potatoes",
    "tomato": "tomatoes",
    "cache": "caches",
    "headache": "headaches",
    "axe": "axes",
    "gas": "gases",
    "lens": "lenses",
    "canvas": "canvases",
    "atlas": "atlases",
    "bias": "biases",
    "alias": "aliases",
    "menu": "menus",
    "bus": "buses",
    "campus": "campuses",
    "focus": "focuses",
    "circus": "circuses",
    "corpus": "corpora",
    "matrix": "matrices",
    "vertex": "vertices",
}
SINGULARS = {plural: singular for singular, plural in IRREGULAR.items() if singular != "axe"}
UNCOUNTABLE = frozenset(
    "feedback news series species equipment information metadata analytics software hardware "
    "staff inventory chassis media logistics mathematics physics economics sms gps dns".split()
)
HISSING = re.compile(r"(ss|x|ch|sh|zz|us)$")


def words(text: str) -> list[str]:
    """Split any spelling of a name into its lower-case ASCII words."""
    folded = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    ascii_only = folded.encode("ascii", "ignore").decode()
    humps = re.sub(
        r"(?<=[a-z])(?=[A-Z])|(?<=[a-z][0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", ascii_only
    )
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


def _singular_word(word: str) -> str:
    if word in UNCOUNTABLE or word in IRREGULAR:
        return word
    if word in SINGULARS:
        return SINGULARS[word]
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith("es") and HISSING.search(word[:-2]) and not word.endswith("uses"):
        return word[:-2]
    if word.endswith("uses") and not re.search(r"(a|b|o|p|m|f|c|^)uses$", word):
        return word[:-2]
    if word.endswith("s") and len(word) > 2 and not re.search(r"(ss|us|is)$", word):
        return word[:-1]
    return word


def _plural_word(word: str) -> str:
    if word in UNCOUNTABLE or word in SINGULARS:
        return word
    if word in IRREGULAR:
        return IRREGULAR[word]
    if re.search(r"[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    if re.search(r"(s|x|z|ch|sh)$", word):
        return f"{word}es"
    return f"{word}s"


def singular(text: str) -> str:
    """Return the singular of a snake_case collection name."""
    head, separator, last = text.rpartition("_")
    return f"{head}{separator}{_singular_word(last)}"


def plural(text: str) -> str:
    """Return the plural of a snake_case name."""
    head, separator, last = text.rpartition("_")
    return f"{head}{separator}{_plural_word(last)}"


def json_string(text: str) -> str:
    """Quote a text for TOML and YAML: JSON's escapes are legal in both."""
    return json.dumps(text, ensure_ascii=False)


def py_string(text: str) -> str:
    """Quote a text for Python with the quotes that its formatter would choose."""
    if text.count('"') <= text.count("'"):
        return json_string(text)
    escaped = json_string(text)[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"'{escaped}'"


def prose(text: str) -> str:
    """Write a text into Markdown so that it opens no code and looks like no placeholder."""
    quiet = text.replace("`", "’").replace("'''", "’’’")
    return re.sub(r"(?<=[{}])(?=[{}%#])|(?<=[%#])(?=\})", " ", quiet)


def module_name(text: str) -> str:
    """Return the start of a package's name that belongs to a company of any name."""
    name = snake(text)[:30].rstrip("_")
    return name if name[:1].isalpha() else f"company_{name}".rstrip("_")


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
            module_name=module_name,
            singular=singular,
            plural=plural,
            prose=prose,
            py_string=py_string,
            toml_string=json_string,
            yaml_string=json_string,
        )
