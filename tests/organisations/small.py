"""A template as small as one can be, and of it a fleet."""

from pathlib import Path

from tests.update.history import commit_all, git

QUESTIONS = """\
_subdirectory: template
project_name: { type: str, default: "{{ _copier_conf.dst_path.name }}" }
"""
ANSWERS = "{{ _copier_answers | to_nice_yaml }}"
MAKEFILE = "setup:\n\t@touch set-up\ncheck:\n\t@test -e set-up\n\t@{}\n"
PASSES = "true"


def release(folder: Path, tag: str, check: str = PASSES) -> None:
    """Release a template whose services check themselves like this."""
    template = folder / "template"
    if not template.exists():
        template.mkdir(parents=True)
        git(folder, "init", "--quiet", "--initial-branch", "main")
        (folder / "copier.yml").write_text(QUESTIONS, encoding="utf-8")
        (template / "{{ _copier_conf.answers_file }}.jinja").write_text(ANSWERS, encoding="utf-8")
        (template / ".gitignore").write_text("set-up\n", encoding="utf-8")
    (template / "Makefile.jinja").write_text(MAKEFILE.format(check), encoding="utf-8")
    commit_all(folder, f"Release {tag}")
    git(folder, "tag", tag)
