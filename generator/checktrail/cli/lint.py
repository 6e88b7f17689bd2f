"""`checktrail lint`: the pull-request check."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from checktrail.cli.door import door

if TYPE_CHECKING:
    from checktrail.cli.linting import Ground
    from checktrail.exports.reports import Report
    from checktrail.model import Finding
    from checktrail.worktree import WorkingFile


class _Mending(TypedDict):
    """The options of what is to be mended."""

    fix: bool
    unsafe_fixes: bool
    show_diff: bool
    settings: tuple[str, ...]


_FEW = 3
_FORMS = ("text", "concise", "json", "github", "gitlab", "junit", "sarif", "markdown")


@click.command(short_help="Check the checklists, and fix what is safe to fix.")
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--fix", is_flag=True, help="Lay on the safe fixes: they never make a ticked box.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff, the others too: look at what they do.")
@click.option("--diff", "show_diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option(
    "--set", "settings", metavar="KEY=VALUE", multiple=True, help="With --fix or --diff, fill the placeholder KEY."
)
@click.option("--base", metavar="REV", help="Fail only on what is new since REV; older findings become notes.")
@click.option("--select", metavar="CODES", multiple=True, help="Only these codes, or codes that begin so.")
@click.option("--ignore", metavar="CODES", multiple=True, help="Not these codes.")
@click.option("--strict", is_flag=True, help="Exit 1 on warnings too.")
@click.option("--format", "form", type=click.Choice(_FORMS), default="text", help="The form of the findings.")
@click.option("-o", "--output", metavar="FILE", help="Write the findings to FILE.")
@click.option("--report", "reports", metavar="FORMAT=FILE", multiple=True, help="Write them in another form too.")
def command(  # noqa: PLR0913 -- one parameter for each option, handed on in bundles at once
    *,
    paths: tuple[str, ...],
    base: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    strict: bool,
    form: str,
    output: str | None,
    reports: tuple[str, ...],
    **asked: Unpack[_Mending],
) -> int:
    """Check the checklists, and fix what is safe to fix.

    Without a PATH every tracked Markdown file that holds boxes is checked. An open item is no fault: completeness is
    asked for at the tag, by `audit` and `status --require-complete`. Exit code 1 means errors.

    \b
    Examples:
      checktrail lint                          every checklist
      checktrail lint --fix checklists/        mend what is safe to mend
      checktrail lint --fix --set VERSION=1.2.0 checklists/v1.2.0.md
      checktrail lint --base origin/main       only what this branch adds fails
      checktrail lint --report sarif=lint.sarif --report junit=lint.xml
    """  # noqa: D301 -- click wants the backspace itself
    targets, values = _targets(form, output, reports), _values(asked)
    here = _ground(paths, base, select, ignore)
    files = _files(here, paths)
    if asked["show_diff"]:
        return _diff(here, files, values, unsafe=asked["unsafe_fixes"])
    if asked["fix"]:
        _mend(here, files, values, unsafe=asked["unsafe_fixes"])
        files, _ = here.files(paths)
    report = _judged(here, files, base, all_files=not paths)
    _put_out(report, targets)
    return _exit_code(report.findings, strict=strict)


def _ground(paths: Sequence[str], base: str | None, select: Sequence[str], ignore: Sequence[str]) -> Ground:
    from checktrail.cli.linting import ground
    from checktrail.cli.reach import repository_or_none

    repository = repository_or_none(needed=not paths or base is not None, reads_files="" if base else "lint")
    return ground(door().directory, door().store(), repository, _codes(select), _codes(ignore))


def _files(here: Ground, paths: Sequence[str]) -> Sequence[WorkingFile]:
    """The files that are asked for; of those that cannot be checked it is said why."""
    from checktrail.errors import shown

    files, left_out = here.files(paths)
    for path, why in left_out.items():
        door().say(f"{shown(path)} {why} and was not checked")
    if not paths:
        _say_what_is_new(here.not_added())
    return files


def _say_what_is_new(paths: Sequence[str]) -> None:
    """Name the checklists that git does not know yet: who has just written one thinks that it was checked."""
    from checktrail.errors import shown

    if not paths:
        return
    many = f" and {len(paths) - _FEW} more" if len(paths) > _FEW else ""
    were, it = ("were", "them") if len(paths) > 1 else ("was", "it")
    door().say(f"{', '.join(map(shown, paths[:_FEW]))}{many} {were} not checked: git does not know {it} yet")
    door().say(f"  `git add` {it} first, or name {it}: `checktrail lint {shown(paths[0])}`")


def _judged(here: Ground, files: Sequence[WorkingFile], base: str | None, *, all_files: bool) -> Report:
    """What the rules say of the files; with a base, what was there before as notes."""
    from checktrail.cli.linting import findings
    from checktrail.cli.wording import counted
    from checktrail.garbage import uncollected

    with uncollected(), door().working(f"Checking {counted(len(files), 'file')}"):
        by_path = findings(here, files)
    _warn_of_union(here, files)
    found = tuple(finding for path in sorted(by_path) for finding in by_path[path])
    changed: Mapping[str, frozenset[int]] = {}
    if base is not None:
        from checktrail.cli.linting_base import since

        found, changed = since(here, files, found, base, all_files=all_files)
    return _report(tuple(sorted(by_path)), found, changed)


def _exit_code(found: Sequence[Finding], *, strict: bool) -> int:
    failing = {"error", "warning"} if strict else {"error"}
    return int(any(finding.severity.value in failing for finding in found))


def _codes(given: Sequence[str]) -> list[str]:
    return [code.strip() for codes in given for code in codes.split(",") if code.strip()]


def _values(asked: _Mending) -> dict[str, str]:
    """What fills the placeholders, by their names."""
    if not (asked["fix"] or asked["show_diff"]):
        for option, given in (("--set", asked["settings"]), ("--unsafe-fixes", asked["unsafe_fixes"])):
            if given:
                raise click.UsageError(f"{option} needs --fix or --diff")
    pairs = [setting.partition("=") for setting in asked["settings"]]
    for key, equals, value in pairs:
        if not key or not equals or "\n" in value or "\r" in value:
            raise click.UsageError(f"--set wants KEY=VALUE on one line, not {key!r}")
    return {key: value for key, _, value in pairs}


def _warn_of_union(here: Ground, files: Sequence[WorkingFile]) -> None:
    """Say which attribute lets a merge keep both `[ ] a` and `[x] a`."""
    from fnmatch import fnmatchcase

    from checktrail.errors import shown

    attributes = here.root / ".gitattributes"
    if here.repository is None or not attributes.is_file():
        return
    for line in attributes.read_text("utf-8", "replace").splitlines():
        pattern, *given = line.split() or [""]
        name = pattern.removeprefix("/")
        if "merge=union" in given and any(
            fnmatchcase(f.path, name) or fnmatchcase(f"/{f.path}", f"*/{name}") for f in files
        ):
            sentence = (
                f".gitattributes: merge=union for {shown(pattern)} keeps both `[ ]` and `[x]` of one item (CL202)"
            )
            door().say(f"checktrail: {sentence}; take it away")


# --- fixes ----------------------------------------------------------------------------------------------------------


def _mend(here: Ground, files: Sequence[WorkingFile], values: Mapping[str, str], *, unsafe: bool) -> None:
    from checktrail.cli.linting import mend
    from checktrail.errors import UsageError, shown
    from checktrail.writing import replace_file

    if here.repository is not None and here.repository.worktree is None:
        raise UsageError("a bare repository has no files to mend", hint="run this in a clone with files")
    for file in files:
        content = mend(here, file, values, unsafe=unsafe)
        if content != file.content:
            target = here.target(file).absolute()
            root = here.root if target.resolve().is_relative_to(here.root.resolve()) else target.parent
            replace_file(root, target, content, was=file.content)
            door().say(f"mended {shown(file.path)}")


def _diff(here: Ground, files: Sequence[WorkingFile], values: Mapping[str, str], *, unsafe: bool) -> int:
    """Show what would be mended; always 0, since nothing was judged."""
    from checktrail.cli.linting import mend
    from checktrail.exports.patch import patch

    for file in files:
        content = mend(here, file, values, unsafe=unsafe)
        if content != file.content:
            _show(patch(file.path, file.content, content))
    return 0


def _show(changes: bytes) -> None:
    """Bytes as they are for a file or a pipe; on a terminal without what could steer it."""
    from checktrail.errors import shown

    if not sys.stdout.isatty():
        click.echo(changes, nl=False)
        return
    for line in changes.decode("utf-8", "replace").split("\n")[:-1]:
        click.echo(shown(line.removesuffix("\r")))


# --- reports --------------------------------------------------------------------------------------------------------


def _report(looked_at: tuple[str, ...], found: tuple[Finding, ...], changed: Mapping[str, frozenset[int]]) -> Report:
    from checktrail import __version__
    from checktrail.exports.reports import Report
    from checktrail.exports.rules import rule_texts

    return Report("lint", __version__, found, looked_at, changed, rule_texts(finding.code for finding in found))


def _targets(form: str, output: str | None, reports: Sequence[str]) -> list[tuple[str, str | None]]:
    targets: list[tuple[str, str | None]] = [(form, output)]
    for report in reports:
        name, equals, file = report.partition("=")
        if name not in _FORMS or not equals or not file:
            raise click.UsageError(f"--report wants FORMAT=FILE with one of {', '.join(_FORMS)}, not {report!r}")
        targets.append((name, file))
    return targets


def _put_out(report: Report, targets: Sequence[tuple[str, str | None]]) -> None:
    for form, file in targets:
        text = _rendered(report, form)
        if file is None:
            wanted = {"always": True, "never": False}.get(door().color, bool(os.environ.get("FORCE_COLOR")) or None)
            uncoloured = os.environ.get("NO_COLOR") and not wanted
            click.echo(text if uncoloured or form != "text" else _painted(text), nl=False, color=wanted)
        else:
            _write(Path(door().directory, file), text)
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        # GitHub hands out an empty file for each step and shows what was added to it.
        _write(Path(summary), _rendered(report, "markdown"), mode="a")


_WEIGHT = re.compile(r"^( +[\d:]* +)(error|warning|note)(?= )", re.MULTILINE)
_COLOURS = {"error": "red", "warning": "yellow", "note": "blue"}


def _painted(text: str) -> str:
    """The text with its weights coloured; click takes the colours out where nobody sees them."""
    return _WEIGHT.sub(lambda found: found[1] + click.style(found[2], fg=_COLOURS[found[2]]), text)


def _rendered(report: Report, form: str) -> str:
    from checktrail.exports.lint import document
    from checktrail.exports.reports import FORMATS
    from checktrail.exports.wire import encoded

    return encoded(document(report.findings)) if form == "json" else FORMATS[form](report)


def _write(target: Path, text: str, *, mode: str = "w") -> None:
    from checktrail.errors import OutputError, shown

    try:
        with target.open(mode, encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except OSError as error:
        sentence = f"{shown(target)} cannot be written: {error.strerror or error}"
        raise OutputError(sentence, hint="name another file") from None
