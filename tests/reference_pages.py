"""The reference pages that are made from the program itself: run this file to write them, a test compares them.

python tests/reference_pages.py
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click

from checktrail.cli import COMMANDS, group
from checktrail.config import CHOICES, origins

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"
_MADE = "<!-- Made by `python tests/reference_pages.py`; edits here are lost. -->\n"


def commands_page() -> str:
    """Every command with its options, as `--help` has them."""
    return "\n".join(("# Commands\n", _MADE, _EXIT_CODES, *_commands()))


_EXIT_CODES = """Exit codes are the same for every command and format:

| code | means |
|---|---|
| 0 | fine |
| 1 | findings: `lint` (errors; warnings too with `--strict`), `audit` (a verdict of `fail`), \
`status --require-complete`, `build --strict`, `table --check`, `verify`, `ledger verify`, `diff --exit-code` |
| 2 | could not run: usage, configuration, no repository, a shallow clone where history is needed, an unreadable file |
| 3 | evidence incomplete: `audit` only; a `fail` beats it |

Data goes to standard output, talk and progress to standard error. `NO_COLOR` and `FORCE_COLOR` are heeded.
"""


def _commands() -> Iterator[str]:
    root = click.Context(group, info_name="checktrail")
    yield f"```text\n{_help(group, root)}\n```\n"
    for name in group.list_commands(root):
        command = group.get_command(root, name)
        assert command is not None
        yield from _command(command, click.Context(command, info_name=name, parent=root), COMMANDS[name][0])


def _command(command: click.Command, context: click.Context, part: str) -> Iterator[str]:
    yield f"## {context.info_name}\n\n*{part}*\n\n```text\n{_help(command, context)}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            nested = click.Context(inner, info_name=name, parent=context)
            yield f"### {context.info_name} {name}\n\n```text\n{_help(inner, nested)}\n```\n"


def _help(command: click.Command, context: click.Context) -> str:
    context.max_content_width = 100
    context.terminal_width = 100
    return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())


def settings_page() -> str:
    """Every setting with its default and what it is about."""
    about = (
        "No setting is needed. They stand in `checktrail.toml` at the repository's root, or in `pyproject.toml` below"
        " `[tool.checktrail]`. An unknown setting is an error that names the nearest known one;"
        " `checktrail config show` prints each value and where it came from.\n"
    )
    head = ("# Settings\n", _MADE, about)
    rows: list[str] = []
    table = ""
    for origin in origins(None):
        if origin.key.split(".")[0] != table:
            table = origin.key.split(".")[0]
            rows.append(f"\n## {table}\n\n| setting | default | about |\n|---|---|---|")
        about = origin.about.replace("|", r"\|")
        choices = f" One of {', '.join(f'`{word}`' for word in CHOICES[origin.key])}." if origin.key in CHOICES else ""
        rows.append(f"| `{origin.key}` | {_default(origin.value)} | {about}{choices} |")
    return "\n".join((*head, *rows)).replace("\n\n\n", "\n\n") + "\n"


def _default(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, (tuple, list)):
        return " ".join(f"`{part}`" for part in value) or "none"
    if isinstance(value, Mapping):
        return " ".join(f"`{key} = {part}`" for key, part in value.items()) or "none"
    return f"`{value}`" if value != "" else "empty"


PAGES: Mapping[str, Callable[[], str]] = {"commands.md": commands_page, "settings.md": settings_page}


if __name__ == "__main__":
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for page, make in PAGES.items():
        (REFERENCE / page).write_text(make(), encoding="utf-8")
