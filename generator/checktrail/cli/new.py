"""`checktrail new VERSION`: the checklist of the next release."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from checktrail.cli.door import door

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from checktrail.git import Repository
    from checktrail.releases.versions import Version
    from checktrail.starters.next import Held

_MANY = 8


@click.command(short_help="Start the checklist of the next release.")
@click.argument("version", required=False)
@click.option(
    "--from", "template", metavar="TEMPLATE", help="A shipped template's name, or a Markdown file of your own."
)
@click.option("--list", "listing", is_flag=True, help="List the shipped templates.")
@click.option("--carry-over", is_flag=True, help="Take along the follow-ups that the last release left open.")
@click.option("--date", metavar="DATE", help="The day it is planned for, such as 2026-03-31.")
@click.option("--set", "pairs", metavar="KEY=VALUE", multiple=True, help="Fill the placeholder KEY. Repeatable.")
@click.option("--to", "target", metavar="PATH", help="Where to write it; checklists/VERSION.md or beside the last one.")
def command(  # noqa: PLR0913 -- one parameter per option
    version: str | None,
    *,
    template: str | None,
    listing: bool,
    carry_over: bool,
    date: str | None,
    pairs: tuple[str, ...],
    target: str | None,
) -> None:
    r"""Start the checklist of the next release.

    It is made from --from, else from the repository's own template, where there is exactly one, else from
    "product-release". Version, product, date and the last version (by tag, else by checklist) are filled in; what is
    left open is said. Boxes that are ticked there are open here. Nothing is ever overwritten.

    \b
    Examples:
      checktrail new v1.2.0
      checktrail new v1.2.0 --carry-over --date 2026-03-31
      checktrail new v1.2.1 --from hotfix --set incident_link=https://s.example/17
      checktrail new --list
    """
    if listing:
        _list()
        return
    if version is None:
        raise click.UsageError("VERSION is missing, such as v1.2.0")
    from checktrail.starters.next import asked_version, last_checklist, place

    asked, repository = asked_version(version), door().repository()
    held = held_by(repository)
    last = last_checklist(asked, held)
    path = _typed(target, repository) if target else place(version, asked, last)
    values = _before(last) | _values(version, asked, repository, date) | _given(pairs)
    text = _text(template, held, values, last if carry_over else None)
    _write(repository, path, text)
    if carry_over and last is None:
        door().say("  nothing is carried over: no earlier release has a checklist of its own")
    say_what_is_left(text)


def _before(last: Held | None) -> dict[str, str]:
    return {"PREVIOUS_VERSION": f"v{last.bound.release}"} if last else {}


def _write(repository: Repository, path: str, text: str) -> None:
    from checktrail.cli.reach import root_of
    from checktrail.writing import create_file

    create_file(root_of(repository), path, text.encode())
    click.echo(path)


def say_what_is_left(text: str) -> None:
    """Name the placeholders that only people can fill."""
    from checktrail.starters.fill import holes

    if left := holes(text):
        door().say(f"  still to fill: {', '.join(left[:_MANY])}{' …' if len(left) > _MANY else ''}")


def made_text(version: str, template: str, repository: Repository, date: str | None) -> str:
    """A checklist for a version from a shipped template or a file, as `new` would make it for the first release.

    A repository that is only being set up often has no earlier release and no day for the first one: then words stand
    where the tag and the day would.
    """
    from checktrail.starters.next import asked_version

    unknown = {"PREVIOUS_VERSION": "the release before", "RELEASE_DATE": "no day set yet"}
    return _text(template, (), unknown | _values(version, asked_version(version), repository, date), None)


def _list() -> None:
    from checktrail.starters.shipped import items_in, starters

    for each in starters():
        click.echo(f"{each.name:20} {items_in(each.text):3} items  {each.about}")


def _text(template: str | None, held: Sequence[Held], values: Mapping[str, str], last: Held | None) -> str:
    """The finished checklist: filled, its table counted, its lists loose, follow-ups behind it."""
    from checktrail.edit.table import is_kept, rewritten
    from checktrail.starters.fill import filled, loosened, reopened, with_follow_ups

    text, opened = reopened(filled(_template(template, held), values))
    if opened:
        door().say(f"  {opened} ticked box{'es are' if opened > 1 else ' is'} open again: nothing is done yet for this")
    if last is not None:
        text = with_follow_ups(text, last.checklist, f"v{last.bound.release}")
    text = loosened(text)
    return rewritten(text.encode()).decode() if is_kept(text.encode()) else text


def _template(name: str | None, held: Sequence[Held]) -> str:
    from checktrail.starters.next import own_template
    from checktrail.starters.shipped import ABOUT, starter

    if name is None:
        own = own_template(held)
        if own is None:
            return starter("product-release").text
        door().say(f"  from {own.path}")
        return _own_text(Path(door().repository().worktree or "", own.path))
    if name not in ABOUT and Path(door().directory, name).is_file():
        return _own_text(Path(door().directory, name))
    return starter(name).text


def _own_text(file: Path) -> str:
    from checktrail.errors import InputError, shown

    try:
        return file.read_bytes().decode("utf-8").removeprefix("\ufeff")
    except OSError as error:
        raise InputError(f"{shown(file)} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise InputError(f"{shown(file)} is not UTF-8", hint="`checktrail lint` shows where") from None


def _values(version: str, asked: Version, repository: Repository, date: str | None) -> dict[str, str]:
    from checktrail.starters.next import last_tag

    values = {"VERSION": version, "PRODUCT": repository.name}
    last = last_tag(asked, [tag.name for tag in repository.tags()])
    if last is not None:
        values["PREVIOUS_VERSION"] = last
    if date is not None:
        values["RELEASE_DATE"] = _day(date)
    return values


def _day(text: str) -> str:
    import datetime as dt

    from checktrail.errors import UsageError, shown

    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        raise UsageError(f"{shown(text)} is no day", hint="write it as 2026-03-31") from None


def _given(pairs: Sequence[str]) -> dict[str, str]:
    from checktrail.starters.fill import values_of

    return values_of(pairs)


def _typed(target: str, repository: Repository) -> str:
    from checktrail.cli.reach import here

    return str(Path(here(repository), target))


def held_by(repository: Repository) -> list[Held]:
    """Every checklist of a repository, and which release it belongs to."""
    from checktrail.binding import bind
    from checktrail.cli.reach import tracked_and_new
    from checktrail.parse import read
    from checktrail.starters.next import Held
    from checktrail.worktree import repository_settings

    settings = repository_settings(repository)
    found = [(file.path, read(file.content)) for file in tracked_and_new(repository)]
    return [Held(path, checklist, bind(path, checklist, settings)) for path, checklist in found if checklist.items]
