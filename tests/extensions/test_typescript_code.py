"""TypeScript is laid out as Prettier lays it out."""

import pytest

from .conftest import Value, load_extension

code = load_extension("typescript_code")
LONG = [f"aVeryLongNameNumber{number}" for number in range(6)]


def test_imports_are_merged_and_sorted() -> None:
    text = """
        import { b } from "#lib/b";
        import type { C } from "#lib/b";
        import { a, type D } from "#lib/b";
        import * as jobs from "#app/jobs";
        import { z } from "zod";
        import { join } from "node:path";
        import * as jobs from "#app/jobs";
    """
    assert code.ts_imports(text) == (
        'import { join } from "node:path";\n'
        'import { z } from "zod";\n'
        'import * as jobs from "#app/jobs";\n'
        'import { a, b, type C, type D } from "#lib/b";\n'
    )


def test_types_alone_are_imported_as_types() -> None:
    text = 'import { type B } from "#lib/b";\nimport type { A } from "#lib/b";'
    assert code.ts_imports(text) == 'import type { A, B } from "#lib/b";\n'
    both = 'import type { A } from "#lib/b";\nimport { A } from "#lib/b";'
    assert code.ts_imports(both) == 'import { A } from "#lib/b";\n'


def test_long_imports_are_wrapped_unless_a_name_is_alone() -> None:
    listed = "".join(f"  {name},\n" for name in LONG)
    wrapped = code.ts_imports(f'import {{ {", ".join(LONG)} }} from "#lib/x";')
    assert wrapped == f'import {{\n{listed}}} from "#lib/x";\n'
    alone = f'import {{ {"a" * 60} }} from "#lib/{"b" * 60}";\n'
    assert code.ts_imports(alone) == alone


def test_what_is_no_import_is_an_error() -> None:
    with pytest.raises(ValueError, match="not an import of one line"):
        code.ts_imports("const x = 1;")


def test_items_stand_on_one_line_or_on_one_each() -> None:
    assert code.ts_wrap(["1", "2"], "  f(", ");") == "  f(1, 2);"
    assert code.ts_wrap(["a"], "const {", "} = x;") == "const { a } = x;"
    listed = "".join(f"    {name},\n" for name in LONG)
    assert code.ts_wrap(LONG, "  f(", ");") == f"  f(\n{listed}  );"


def test_alternatives_stand_on_one_line_or_on_one_each() -> None:
    assert code.ts_union(['"a"', '"b"'], "type S =") == 'type S = "a" | "b";'
    listed = "".join(f"\n  | {name}" for name in LONG)
    assert code.ts_union(LONG, "type S =") == f"type S ={listed};"


def test_keys_texts_and_comments(value: Value) -> None:
    assert [code.ts_key(text) for text in ("apideck", "send-grid")] == ["apideck", '"send-grid"']
    assert value("""'a "b" c' | ts_string""") == "'a \"b\" c'"
    assert value("'x' | ts_text('const A =')") == 'const A = "x";'
    assert value("x | ts_text('const A =')", x="x" * 95) == f'const A =\n  "{"x" * 95}";'
    assert code.ts_comment("word " * 40).count("\n// ") == 2
