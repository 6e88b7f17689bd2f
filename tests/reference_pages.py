"""The reference pages that are made from the program itself: run this file to write them, a test compares them.

python tests/reference_pages.py
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from pkgutil import iter_modules
from textwrap import dedent

import click

import checktrail
from checktrail.audit.rules import registry
from checktrail.cli import COMMANDS, group
from checktrail.config import CHOICES, origins
from checktrail.exports.rules import definition, rule_texts
from checktrail.exports.settings import settings_schema
from checktrail.exports.sqlite import VIEWS
from checktrail.exports.tables import FIGURES, MODEL
from checktrail.lint.rules import NAMES
from reference_documents import schemas_page

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
_MADE = "<!-- Made by `python tests/reference_pages.py`; edits here are lost. -->\n"


def commands_page() -> str:
    """Every command with its options, as `--help` has them."""
    return "\n".join(("# Commands\n", _MADE, _ABOUT, *_commands()))


_ABOUT = """What every command says of itself with `--help`. [Exit codes](exit-codes.md) are the same for every command
and format. Data goes to standard output, talk and progress to standard error. `NO_COLOR` and `FORCE_COLOR` are heeded.
"""


def _commands() -> Iterator[str]:
    root = click.Context(group, info_name="checktrail", **group.context_settings)
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
        " `checktrail config show` prints each value and where it came from.\n\n"
        "Editors complete and check the file with its [JSON Schema](checktrail.schema.json), which is made from the"
        " definitions that the reader goes by and is in the package too (`checktrail/schemas/checktrail.schema.json`)."
        " Put it beside the settings with `checktrail config schema > checktrail.schema.json`, and name it in the first"
        " line of `checktrail.toml`: `#:schema ./checktrail.schema.json`. Nothing is fetched from anywhere.\n"
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


def rules_page() -> str:
    """Every rule of lint and audit in one table, each with its full definition elsewhere."""
    head = (
        "# Rules\n",
        _MADE,
        "Every finding carries one of these codes. `checktrail rule CODE` prints the same definitions.\n",
        "- An **error** makes `lint` end with 1, and an unwaived one makes a release's verdict `fail`.",
        "- A **warning** does so only under `lint --strict`.",
        "- An **info** never does.\n",
        "In the audit a policy can weigh a code otherwise (`severity`), and an unmet requirement is always an error.",
        "In lint the setting `lint.severity` can.\n",
    )
    lint = ("## Lint\n", *_rule_table(((code, *NAMES[code]) for code in sorted(NAMES)), "lint-rules.md"))
    audit = ("\n## Audit\n", *_rule_table(registry.codes(), "audit-rules.md"))
    return "\n".join((*head, *lint, *audit)) + "\n"


def _rule_table(rules: Iterable[tuple[str, str, str]], page: str) -> Iterator[str]:
    yield "| code | name | weight | what |\n|---|---|---|---|"
    for code, name, severity in rules:
        summary = rule_texts((code,))[code].summary.replace("|", r"\|")
        yield f"| [{code}]({page}#{code.lower()}-{name}) | {name} | {severity} | {summary} |"


def audit_rules_page() -> str:
    """The definitions of all audit rules, one under the other."""
    about = (
        "What each finding of `checktrail audit` means: why it matters, how it is computed, from what, where it is"
        " blind, what to do. [All codes in one table](rules.md#audit).\n"
    )
    parts = [re.sub(r"^#", "##", definition(rule.code) or "", flags=re.MULTILINE) for rule in registry.codes()]
    return "\n".join(("# Audit rules\n", _MADE, about, *parts))


_FORMS_HEAD = """# Exports

<!-- Made by `python tests/reference_pages.py`; edits here are lost. -->

`checktrail export --as FORM --to FILE`, or all forms but `parquet` into a folder. The same repository gives the same
bytes.

| form | file | holds |
|---|---|---|
| `json` | `record.json` | [`checktrail.record/1`](schemas.md#record): every release with what it froze |
| `audit` | `audit.json` | [`checktrail.audit/1`](schemas.md#audit): sign-offs, findings, verdicts |
| `portfolio` | `portfolio.json` | [`checktrail.portfolio/1`](schemas.md#portfolio): for a [portfolio](portfolio.md) |
| `csv` | one file a table | the tables below; no cell begins a spreadsheet's formula: such a one has a `'` before it |
| `sqlite` | `checktrail.sqlite` | the tables and views below |
| `in-toto` | `releases.intoto.jsonl` | an in-toto Statement for each release; its subjects are tag and commit |
| `oscal` | `oscal-assessment-results.json` | findings as OSCAL assessment results |
| `sarif` | `audit.sarif` | the audit's findings for code scanning |
| `junit` | `audit.junit.xml` | the audit's findings for CI |
| `bundle` | `evidence.zip` | all of it, the git objects it rests on, `verify.py`: [check it](../how-to/auditor.md) |
| `parquet` | one file a table | the tables below, first a column `repository`; `pip install 'checktrail[parquet]'` |

All files take their places together, once every one of them is whole. A bundle of more than 4 GiB, or with a file of
more than 1 GiB, could not be checked: it is left out, and standard error says so. Where nothing else is asked for, the
command ends with 2.

## Tables

Columns never change their order or meaning; new ones come at the end. Every table begins with `id`; a column that ends
in `_id` and has an arrow leads to another table. Truth values are 1 and 0, times UTC, lists JSON.
"""


def exports_page() -> str:
    """The forms of export, and every table, column and view."""
    drawn = [f"### {name}\n\n{_columns(spec)}\n" for name, spec in MODEL.items()]
    views = [f"### {name}\n\n```sql\n{dedent(query).strip()}\n```\n" for name, query in VIEWS.items()]
    drawn.append(f"### figures\n\nIn the Parquet form alone.\n\n{_columns(FIGURES)}\n")
    return "\n".join((_FORMS_HEAD, *drawn, "## Views\n\nIn the SQLite form.\n", *views))


def _columns(spec: str) -> str:
    words = [re.match(r"(\w+)(?:>(\w+))?", word) for word in spec.split()]
    return ", ".join(f"`{word[1]}`" + (f" → {word[2]}" if word[2] else "") for word in words if word)


def architecture_page() -> str:
    """The architecture page as it is written by hand, with the package's own map in it."""
    page = (DOCS / "explanation" / "architecture.md").read_text(encoding="utf-8")
    there = {module.name for module in iter_modules(checktrail.__path__)}
    rows = (checktrail.__doc__ or "").split("\n\n", 2)[2].rstrip().splitlines()
    drawn = "\n".join(row for row in rows if row.split()[0] in there)
    layers = tomllib.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    levels = [re.sub(r"\([^)]*\)", "", layer).replace(" |", ",") for layer in layers["contracts"][0]["layers"]]
    arrows = "\n".join(f"    {level}" for level in levels if level not in {"", "__main__"})
    return _between(_between(page, "map", drawn), "arrows", arrows)


def _between(page: str, name: str, text: str) -> str:
    """A page with some text put between the two comments of a name."""
    opening, closing = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, _, rest = page.partition(opening)
    _, found, after = rest.partition(closing)
    assert found, f"no {opening} … {closing}"
    return f"{before}{opening}\n\n{text}\n\n{closing}{after}"


PAGES: Mapping[str, Callable[[], str]] = {
    "reference/commands.md": commands_page,
    "reference/settings.md": settings_page,
    "reference/rules.md": rules_page,
    "reference/audit-rules.md": audit_rules_page,
    "reference/exports.md": exports_page,
    "reference/schemas.md": schemas_page,
    "explanation/architecture.md": architecture_page,
}


SETTINGS_SCHEMA = (
    ROOT / "generator/checktrail/schemas/checktrail.schema.json",
    ROOT / "docs/reference/checktrail.schema.json",
)
"""Where the schema of `checktrail.toml` is published: in the package and beside the page about the settings."""


def settings_schema_text() -> str:
    """The schema of `checktrail.toml`, as the command prints it."""
    return json.dumps(settings_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for file in SETTINGS_SCHEMA:
        file.write_text(settings_schema_text(), encoding="utf-8")
    for name, make in PAGES.items():
        (DOCS / name).write_text(make(), encoding="utf-8")
