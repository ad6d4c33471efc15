"""The flat front matter of agent files: `key: text`, `key: [a, b]`, or lines of `- a`."""

import json
import re

KEY = re.compile(r"(?P<key>[A-Za-z][\w-]*):(?:[ \t]+(?P<value>\S.*))?")
ITEM = re.compile(r"[ \t]*-[ \t]+(?P<value>\S.*)")
# YAML gives these a meaning of their own at the start of a plain text.
INDICATORS = tuple("[]{}&*!|>%@`\"',?#")

Value = str | list[str]


class FrontMatterError(Exception):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def split(lines: list[str]) -> int:
    """Return the index of the first line after the front matter."""
    if not lines or lines[0] != "---":
        raise FrontMatterError(1, "the front matter's opening `---` is not on the first line")
    try:
        return lines.index("---", 1) + 1
    except ValueError:
        raise FrontMatterError(1, "the front matter has no closing `---`") from None


def parse(lines: list[str]) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    key = ""
    for number, line in enumerate(lines[1 : split(lines) - 1], start=2):
        match = KEY.fullmatch(line)
        item = ITEM.fullmatch(line)
        if match and match["key"] in fields:
            raise FrontMatterError(number, f"`{match['key']}` is there twice")
        if match:
            key = match["key"]
            fields[key] = _value(number, match["value"] or "")
        elif item and key and isinstance(listed := fields[key] or [], list):
            fields[key] = [*listed, _text(number, item["value"])]
        else:
            raise FrontMatterError(number, "this line is neither `key: value` nor a list's item")
    return fields


def _value(number: int, value: str) -> Value:
    if value.startswith("[") and value.endswith("]"):
        return [_text(number, item.strip()) for item in value[1:-1].split(",") if item.strip()]
    return _text(number, value)


def _text(number: int, value: str) -> str:
    if value.startswith('"'):
        try:
            return str(json.loads(value))
        except ValueError:
            raise FrontMatterError(number, "the quoted text does not end where it should") from None
    if value.startswith("'") and value.endswith("'") and len(value) > 1:
        return value[1:-1].replace("''", "'")
    if value.startswith(INDICATORS) or ": " in value or " #" in value or value.endswith(":"):
        raise FrontMatterError(number, "YAML would misread this text; put it in double quotes")
    return value
