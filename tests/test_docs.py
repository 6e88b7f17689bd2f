"""The documentation is true: its commands run, its links lead somewhere, nothing of the program is missing from it."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from checktrail.audit.policy import NO_POLICY, Attribution, Meaning, Rule, Signed, When
from checktrail.audit.reading import read_policy
from checktrail.cli import COMMANDS, group, run
from checktrail.config import origins, read_settings
from checktrail.demo import write_demo
from checktrail.exports.rules import codes
from checktrail.exports.sqlite import VIEWS
from checktrail.model import Phase
from checktrail.parse.phases import Headed, phases
from checktrail.plugin import Options
from checktrail.portfolio import listing
from checktrail.portfolio.listing import read_listing
from checktrail.portfolio.tables import MODEL
from checktrail.portfolio.views.atlas import FAULTS
from docs_pages import DOCS, ROOT, Block, anchors, blocks, links, pages, prose
from reference_documents import DOCUMENTS, schema_kinds, schema_name
from reference_pages import PAGES

REFERENCE = DOCS / "reference"
RUN = [page for page in pages() if any(block.language == "sh" for block in blocks(page))]


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


# --- every block runs -----------------------------------------------------------------------------------------------

# A fence says with one word what it holds; `sh` is run, so nothing that looks like a command hides under another word.
LANGUAGES = {"sh", "markdown", "yaml", "toml", "json", "text", "ini", "html", "sql", "python", "css"}


@pytest.mark.parametrize("page", pages(), ids=name)
def test_a_fence_says_in_one_word_what_it_holds(page: Path) -> None:
    for block in blocks(page):
        assert block.language in LANGUAGES, f"{name(page)}:{block.line}: {block.language!r}"
        assert block.language in {"sh", "text"} or block.mark in {"", "file"}, f"{name(page)}:{block.line}"
        assert block.mark != "no-run" or block.value, f"{name(page)}:{block.line}: say why it is not run"


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is remembered of the demo may be shared by all pages: it is the same repository each time."""
    return tmp_path_factory.mktemp("remembered")


@pytest.mark.parametrize("page", RUN, ids=name)
def test_every_command_on_the_page_runs_as_it_stands(page: Path, tmp_path: Path, cache: Path) -> None:
    if "ssh-keygen" in page.read_text(encoding="utf-8") and shutil.which("ssh-keygen") is None:
        pytest.skip("the page makes an SSH key, and ssh-keygen is not installed")
    shell = Shell(tmp_path, cache)
    printed = ""
    for block in blocks(page):
        place = f"{name(page)}:{block.line}"
        if block.mark == "file":
            shell.write(block)
        elif block.mark == "prints":
            assert_printed(block, printed, place)
        elif block.language == "sh" and block.mark != "no-run":
            expected = int(block.value) if block.mark == "exit" else 0
            code, printed = shell.run(block.text)
            assert code == expected, f"{place}: exit code {code}\n{block.text}\n{printed}"
            assert "Traceback" not in printed, f"{place}\n{printed}"


class Shell:
    """A reader's terminal: a home and a folder of their own, a name in git, and nothing else of this machine's."""

    def __init__(self, folder: Path, cache: Path) -> None:
        home = folder / "home"
        self.here = folder / "work"
        self._where = folder / "where"
        home.mkdir()
        self.here.mkdir()
        (home / ".gitconfig").write_text(
            "[user]\n\tname = Robin Hale\n\temail = robin@example.org\n[init]\n\tdefaultBranch = main\n"
        )
        self._environment = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home), "CHECKTRAIL_CACHE_DIR": str(cache), "GIT_CONFIG_NOSYSTEM": "1",
            "LC_ALL": "C.UTF-8", "TZ": "UTC", "COLUMNS": "120",
        }  # fmt: skip

    def run(self, text: str) -> tuple[int, str]:
        """Run a block where the one before ended; its exit code and all it printed."""
        script = f"trap 'pwd > \"{self._where}\"' EXIT\n{text}"
        ran = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.here, env=self._environment, check=False, text=True, timeout=180,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.here = Path(self._where.read_text(encoding="utf-8").rstrip("\n"))
        return ran.returncode, ran.stdout

    def write(self, block: Block) -> None:
        """Put a file that the page shows where it says."""
        target = self.here / block.value
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(block.text, encoding="utf-8")


def assert_printed(block: Block, printed: str, place: str) -> None:
    """Each line of a block stands in what was printed, in order, runs of blanks aside; `…` is anything."""
    rest = [" ".join(line.split()) for line in printed.splitlines()]
    for line in block.text.splitlines():
        wanted = " ".join(line.split())
        if wanted in {"", "…"}:
            continue
        pattern = re.compile(".*".join(re.escape(part) for part in wanted.split("…")))
        found = next((index for index, row in enumerate(rest) if pattern.fullmatch(row)), None)
        assert found is not None, f"{place}: not printed, or not there: {line}\n{printed}"
        rest = rest[found + 1 :]


# Shown nowhere as a block that is run, each with its reason.
NOT_RUN = {"serve": "it runs until it is stopped"}


def test_every_command_is_run_on_some_page() -> None:
    ran = "\n".join(
        block.text for page in RUN for block in blocks(page) if block.language == "sh" and block.mark != "no-run"
    )
    missing = [command for command in available() if f"checktrail {command}" not in ran and command not in NOT_RUN]
    assert missing == []


def test_settings_and_policies_that_pages_show_can_be_read(tmp_path: Path) -> None:
    for page in pages():
        for block in blocks(page):
            if block.language == "toml":
                text = block.text
                if "[[repository]]" in text:
                    (tmp_path / "portfolio.toml").write_text(text, encoding="utf-8")
                    read_listing(tmp_path / "portfolio.toml")
                    continue
                target = tmp_path / ("pyproject.toml" if "[tool.checktrail" in text else "checktrail.toml")
                target.write_text(text, encoding="utf-8")
                read_settings(tmp_path)
                target.unlink()
            if block.language == "yaml" and "requirements:" in block.text:
                assert read_policy(block.text, name(page)) is not NO_POLICY


# --- the program is in the reference --------------------------------------------------------------------------------


def available() -> list[str]:
    return group.list_commands(click.Context(group))


@pytest.mark.parametrize("page", PAGES)
def test_pages_made_from_the_program_are_up_to_date(page: str) -> None:
    made = PAGES[page]()
    assert (DOCS / page).read_text(encoding="utf-8") == made, "run `python tests/reference_pages.py`"


def commands() -> Iterator[tuple[str, click.Command]]:
    for command in available():
        found = group.get_command(click.Context(group), command)
        assert found is not None
        yield command, found
        if isinstance(found, click.Group):
            yield from ((f"{command} {inner}", each) for inner, each in found.commands.items())


def test_every_command_and_option_is_in_the_reference() -> None:
    page = (REFERENCE / "commands.md").read_text(encoding="utf-8")
    parts = dict(re.findall(r"^##+ ([\w ]+)\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL))
    for command, found in commands():
        for parameter in found.params:
            for option in parameter.opts if isinstance(parameter, click.Option) else ():
                assert option in parts[command], f"{command} {option}"


def test_help_shows_its_examples_line_by_line() -> None:
    page = (REFERENCE / "commands.md").read_text(encoding="utf-8")
    assert "\\b" not in page


def test_every_setting_is_in_the_reference() -> None:
    page = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    assert [origin.key for origin in origins(None) if f"| `{origin.key}` |" not in page] == []


def test_every_key_fault_and_table_of_a_portfolio_is_in_the_reference() -> None:
    page = (REFERENCE / "portfolio.md").read_text(encoding="utf-8")
    told = (*listing.WHOLE, *listing.EACH, *FAULTS, *MODEL)
    assert [word for word in told if f"| `{word}` |" not in page] == []


def test_every_rule_is_in_the_reference_and_defined_there() -> None:
    rules = (REFERENCE / "rules.md").read_text(encoding="utf-8")
    defined = anchors(REFERENCE / "lint-rules.md") | anchors(REFERENCE / "audit-rules.md")
    for code in codes():
        assert re.search(rf"^\| \[{code}\]\(", rules, re.MULTILINE), code
        assert any(anchor.startswith(code.lower()) for anchor in defined), code


def test_every_key_of_a_policy_is_in_the_reference() -> None:
    page = (REFERENCE / "policy.md").read_text(encoding="utf-8")
    source = ast.parse((ROOT / "generator/checktrail/audit/reading.py").read_text(encoding="utf-8"))
    keys = {
        argument.value
        for call in ast.walk(source)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "keyed"
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }
    assert len(keys) > 30
    assert sorted(key for key in keys if f"`{key}`" not in page) == []
    words = chain(Meaning, When, Signed, Attribution, Rule)
    assert sorted(word for word in words if f"`{word}`" not in page) == []


def test_every_form_of_export_is_in_the_reference_with_its_file(tmp_path: Path) -> None:
    page = (REFERENCE / "exports.md").read_text(encoding="utf-8")
    export = dict(commands())["export"]
    forms = next(each.type for each in export.params if each.name == "forms")
    assert isinstance(forms, click.Choice)
    assert [form for form in forms.choices if f"| `{form}` |" not in page] == []
    write_demo(tmp_path / "demo")
    assert run(["--quiet", "-C", str(tmp_path / "demo"), "export", "--to", f"{tmp_path}/out/"]) == 0
    written = {file.name for file in (tmp_path / "out").iterdir() if file.suffix != ".csv"}
    assert written == set(re.findall(r"^\| `[\w-]+` \| `([^`]+)` \|", page, re.MULTILINE))
    tables = {file.stem for file in (tmp_path / "out").glob("*.csv")}
    assert tables | set(VIEWS) <= anchors(REFERENCE / "exports.md")


def test_every_dependency_has_its_reason() -> None:
    page = (DOCS / "explanation" / "dependencies.md").read_text(encoding="utf-8")
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed, for_tests = (
        {re.match(r"[\w-]+", each)[0] for each in words}  # type: ignore[index]
        for words in (whole["project"]["dependencies"], whole["dependency-groups"]["dev"])
    )
    tables = [set(re.findall(r"^\| ([\w-]+) \|", part, re.MULTILINE)) for part in page.split("For the tests alone")]
    assert tables[0] == needed | {"package"}
    assert tables[1] <= for_tests | {"package"}
    assert all(f"`checktrail[{extra}]`" in page for extra in whole["project"]["optional-dependencies"])


def test_the_action_and_the_hooks_are_as_the_guide_says() -> None:
    page = (DOCS / "how-to" / "continuous-integration.md").read_text(encoding="utf-8")
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == set(action["inputs"])
    assert set(re.findall(r"- id: ([\w-]+)", page)) == {hook["id"] for hook in hooks}


def test_every_option_of_the_plugin_is_in_the_guide() -> None:
    page = (DOCS / "how-to" / "publish.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| (?:`(\w+)`|empty) \|", page, re.MULTILINE))
    defaults = {key: option.default for key, option in Options._schema}  # noqa: SLF001 -- MkDocs has no other door
    assert told == {key: str(value).lower() if value != "" else "" for key, value in defaults.items()}


def test_every_exit_code_and_every_command_that_ends_with_1_is_in_the_reference() -> None:
    page = (REFERENCE / "exit-codes.md").read_text(encoding="utf-8")
    assert [code for code in (0, 1, 2, 3, 130, 141) if f"| {code} |" not in page] == []
    told = set(re.findall(r"^\| `([a-z]+)", page, re.MULTILINE))
    assert told == {"lint", "audit", "status", "table", "diff", "build", "ledger", "verify", "portfolio"}
    assert told <= set(COMMANDS)


def test_every_document_with_a_schema_is_in_the_reference() -> None:
    page = (REFERENCE / "schemas.md").read_text(encoding="utf-8")
    assert schema_kinds() == {document.kind for document in DOCUMENTS}
    assert [kind for kind in schema_kinds() if schema_name(kind) not in page] == []


def test_examples_of_documents_hold_the_keys_their_schemas_ask_for() -> None:
    examples = [json.loads(block.text) for block in blocks(REFERENCE / "schemas.md") if block.language == "json"]
    assert len(examples) == len(DOCUMENTS)
    for document, example in zip(DOCUMENTS, examples, strict=True):
        schema: dict[str, Any] = json.loads(
            (ROOT / "generator/checktrail/schemas" / schema_name(document.kind)).read_text(encoding="utf-8")
        )
        assert set(schema["required"]) <= set(example)
        assert set(example) <= set(schema["properties"])


def test_headings_mean_the_phase_that_the_reference_says() -> None:
    page = (REFERENCE / "phases.md").read_text(encoding="utf-8")
    rows = re.findall(r'^\| ("[^|]+") \| `([\w-]+)` \|$', page, re.MULTILINE)
    assert {phase for _, phase in rows} == set(Phase)
    for headings, phase in rows:
        for heading in re.findall(r'"([^"]+)"', headings):
            assert phases([Headed(heading, None, names_it=True, items=())]) == (phase,), heading


# --- the pages hang together ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", pages(), ids=name)
def test_links_lead_to_pages_and_headings_that_are_there(page: Path) -> None:
    for address in links(page):
        if re.match(r"[a-z]+:", address):
            continue
        path, _, anchor = address.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name(page)}: {address}"
        assert not anchor or anchor in anchors(target), f"{name(page)}: {address}"


def test_files_of_this_project_that_pages_name_are_there() -> None:
    for page in pages():
        text = page.read_text(encoding="utf-8")
        for path in re.findall(r"\b((?:benchmarks|tests|generator)/[\w/]+\.py)\b", text):
            assert (ROOT / path).exists(), f"{name(page)}: {path}"


def test_every_page_is_in_the_navigation_and_every_picture_is_shown() -> None:
    listed = set(re.findall(r"[\w/-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8")))
    assert {page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")} - listed == set()
    shown = {
        (page.parent / address).resolve()
        for page in pages() for address in links(page) if not re.match(r"[a-z]+:", address)
    }  # fmt: skip
    assert [each for each in DOCS.rglob("*.png") if each.resolve() not in shown] == []


def test_lines_of_pages_are_not_blocks_of_text() -> None:
    """A reader with no time: a paragraph has at most 100 words."""
    for page in pages():
        if page.name not in {"lint-rules.md", "audit-rules.md"}:
            for paragraph in prose(page).split("\n\n"):
                assert len(paragraph.split()) <= 100, f"{name(page)}: {paragraph[:80]}…"


# --- one word per thing ---------------------------------------------------------------------------------------------

# The words that would blur our nouns, and where they are other people's words or plain English.
_BLURRED = re.compile(
    r"\b(tasks?|todos?|entry|entries|issues?|results?|infos?|managers?|helpers?|utils?|utility|utilities)\b",
    re.IGNORECASE,
)
_ALLOWED = re.compile(
    r"release managers?"  # an office that people hold
    r"|package managers?"  # their own name
    r"|changelog entr(?:y|ies)"  # what everybody calls it
    r"|task(?: list)? (?:list )?items?"  # GitHub's term, where its rule is explained
    r"|known issues?"  # a part of release notes, as everybody calls it
    r"|assessment[- ]results"  # OSCAL's name of its document
    r"|\binfo\b",  # a severity, as the contracts have it
    re.IGNORECASE,
)


@pytest.mark.parametrize("page", pages(), ids=name)
def test_pages_use_our_words(page: Path) -> None:
    text = _ALLOWED.sub("", prose(page))
    assert sorted({found.group() for found in _BLURRED.finditer(text)}) == []


def test_help_texts_use_our_words() -> None:
    for command, found in commands():
        words = [found.help or "", found.short_help or "", *(getattr(each, "help", "") or "" for each in found.params)]
        text = _ALLOWED.sub("", "\n".join(words))
        assert sorted({hit.group() for hit in _BLURRED.finditer(text)}) == [], command
