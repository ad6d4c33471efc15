from pathlib import Path

import pytest
from copier import run_copy
from jinja2 import Environment
from jinja2.sandbox import SandboxedEnvironment

from .conftest import load_extension

CompiledExtension = load_extension("compiled").CompiledExtension


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that Jinja was made to compile."""
    texts: list[str] = []
    generate = Environment._generate

    def noted(self: Environment, source: object, *rest: object, **named: object) -> str:
        texts.append(str(source))
        return generate(self, source, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Environment, "_generate", noted)
    return texts


def test_a_text_is_compiled_once_and_rendered_each_time(compilations: list[str]) -> None:
    environment = SandboxedEnvironment(extensions=[CompiledExtension])
    greetings = [environment.from_string("Hello {{ name }}").render(name=n) for n in ("A", "B")]
    assert greetings == ["Hello A", "Hello B"]
    assert len(compilations) == 1


def test_another_environment_compiles_for_itself(compilations: list[str]) -> None:
    shouting = SandboxedEnvironment(extensions=[CompiledExtension])
    shouting.filters["say"] = str.upper
    whispering = SandboxedEnvironment(extensions=[CompiledExtension])
    whispering.filters["say"] = str.lower
    said = [one.from_string("{{ 'Hey' | say }}").render() for one in (shouting, whispering)]
    assert said == ["HEY", "hey"]
    assert len(compilations) == 2


def test_a_path_that_loops_does_not_loop_in_the_paths_after_it(tmp_path: Path) -> None:
    """Copier keeps the loop of a path until the next text is compiled."""
    template = tmp_path / "template"
    for folder in ("plain", "{% yield one from names %}{{ one }}{% endyield %}"):
        for name in ("first.txt", "second.txt"):
            (template / "files" / folder).mkdir(parents=True, exist_ok=True)
            (template / "files" / folder / name).touch()
    extension = (Path(__file__).parents[2] / "extensions" / "compiled.py").read_text("utf-8")
    (template / "compiled.py").write_text(extension, "utf-8")
    (template / "copier.yml").write_text(
        "_subdirectory: files\n"
        "_jinja_extensions:\n"
        "  - copier_template_extensions.TemplateExtensionLoader\n"
        "  - compiled.py:CompiledExtension\n"
        "names: {type: yaml, default: '[a, b]'}\n",
        "utf-8",
    )
    run_copy(str(template), tmp_path / "out", defaults=True, unsafe=True, quiet=True)
    written = {str(path.relative_to(tmp_path / "out")) for path in tmp_path.glob("out/*/*")}
    folders = ("a", "b", "plain")
    assert written == {f"{folder}/{name}.txt" for folder in folders for name in ("first", "second")}
