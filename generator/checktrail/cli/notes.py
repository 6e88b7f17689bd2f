"""`checktrail notes`: the release notes of a tag, or what lies between two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from checktrail.cli.door import door
from checktrail.cli.wording import counted
from checktrail.errors import InputError, UsageError, shown

if TYPE_CHECKING:
    from checktrail.config import Settings
    from checktrail.git import Repository
    from checktrail.model import Release
    from checktrail.notes import Notes, Past
    from checktrail.releases import Membership


@click.command()
@click.argument("which", metavar="[TAG|A..B]", required=False)
@click.option(
    "--format", "form", type=click.Choice(["markdown", "json"]), default="markdown", help="The answer's form."
)
@click.option(
    "--template",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A Jinja template of your own for the Markdown form; it runs in a sandbox.",
)
@click.option("--allow-shallow", is_flag=True, help="Answer in a shallow clone too; what is cut off stays unknown.")
def command(which: str | None, form: str, template: Path | None, allow_shallow: bool) -> None:  # noqa: FBT001 -- click's way
    r"""The release notes of a tag, or from one to another.

    Curated text first, the list made from commits in a fold under it. A..B is the upgrade view: breaking changes,
    upgrade notes, known issues and security changes of every release between. Without an argument: the newest release.

    \b
    Examples:
      checktrail notes v1.2.0                the notes of one release
      checktrail notes v1.0.0..v1.2.0        what an upgrade must heed
      checktrail notes v1.2.0 --format json  checktrail.notes/1
    """
    from checktrail.worktree import repository_settings

    here = door()
    repository = here.repository()
    here.heed_shallow(repository, allowed=allow_shallow)
    settings = repository_settings(repository)
    with here.working("Reading the history"):
        past = _past(repository, settings)
        desk = _Desk(repository, settings, past, form, template)
        old, new = _asked(which, past.membership, repository, settings)
        answer = desk.notes(new) if old is None else desk.upgrade(old, new)
    click.echo(answer, nl=False)


@dataclass(frozen=True, slots=True)
class _Desk:
    """What every answer needs, and the form it is to have."""

    repository: Repository
    settings: Settings
    past: Past
    form: str
    asked_template: Path | None

    def notes(self, release: Release) -> str:
        """The notes of one release."""
        from checktrail.exports.notes import notes_document, notes_markdown
        from checktrail.exports.wire import encoded

        found = self._notes((release,))[release.tag]
        if self.form == "json":
            return encoded(notes_document(found, is_cut_off=self.repository.is_shallow))
        _say_drift(found)
        return notes_markdown(found, release, self._template(), self.past.web)

    def upgrade(self, old: Release, new: Release) -> str:
        """What lies between two releases."""
        from checktrail.exports.notes import upgrade_document, upgrade_markdown
        from checktrail.exports.wire import encoded
        from checktrail.notes.upgrade import between, upgrade

        made = self._notes(between(old, new, self.past.membership))
        found = upgrade(old, new, self.past.membership, lambda release: made[release.tag])
        if self.form == "json":
            return encoded(upgrade_document(found, made[new.tag], is_cut_off=self.repository.is_shallow))
        return upgrade_markdown(found, new, self._template(), self.past.web)

    def _notes(self, wanted: tuple[Release, ...]) -> Mapping[str, Notes]:
        from checktrail.noting import notes_of

        if self.repository.is_partial:
            door().say("this is a partial clone: curated texts are not read")
        return notes_of(self.repository, self.past, wanted, self.settings.notes)

    def _template(self) -> str:
        """The template's text: the one asked for, the configuration's, or the shipped one."""
        path = self.asked_template
        if path is None and self.settings.notes.template and self.repository.worktree is not None:
            path = self.repository.worktree / self.settings.notes.template
        if path is None:
            path = _shipped_template()
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{shown(path)} cannot be read: {shown(error)}") from None


def _say_drift(found: Notes) -> None:
    """What whoever publishes these notes wants to know first; it is no part of them."""
    curated = found.sources[0] if found.sources else None
    for noun, sentence, count in (
        ("curated change", "that no commit stands for", len(found.drift.changes_without_commit)),
        ("commit", "users would notice that no curated change tells", len(found.drift.commits_without_change)),
        (
            "line",
            f"of {shown(curated.path if curated else '')} added after the release",
            len(curated.added) if curated else 0,
        ),
        (
            "line",
            f"of {shown(curated.path if curated else '')} removed after it",
            len(curated.removed) if curated else 0,
        ),
    ):
        if count:
            door().say(f"{counted(count, noun)} {sentence}")


def _shipped_template() -> Path:
    """Beside the package in a wheel, at the root in a checkout."""
    import checktrail

    package = Path(checktrail.__file__).parent
    places = (package / "templates" / "notes.md.j2", package.parent.parent / "templates" / "notes.md.j2")
    return next((place for place in places if place.is_file()), places[0])


def _past(repository: Repository, settings: Settings) -> Past:
    from checktrail.noting import read_past
    from checktrail.site.hosts import host

    return read_past(repository, settings, host(repository.remote_url))


def _asked(
    which: str | None, membership: Membership, repository: Repository, settings: Settings
) -> tuple[Release | None, Release]:
    if not membership.releases:
        raise UsageError(
            f"{shown(repository.name)} has no releases: no tag reads as a version",
            hint=_changelog_hint(repository, settings.notes.changelog)
            or "tag one (`git tag -a v1.0.0`), or fetch the tags (`git fetch --tags`)",
        )
    if which is None:
        return None, membership.releases[-1]
    old, dots, new = which.partition("..")
    if not dots:
        return None, _release(which, membership)
    return _release(old, membership), _release(new.lstrip("."), membership) if new else membership.releases[-1]


def _release(tag: str, membership: Membership) -> Release:
    found = membership.release(tag)
    if found is not None:
        return found
    ignored = next((ignored for ignored in membership.ignored if ignored.tag == tag), None)
    if ignored is not None:
        raise UsageError(f"{shown(tag)} is no release: {shown(ignored.reason)}", hint="see `checktrail releases`")
    from difflib import get_close_matches

    near = get_close_matches(tag, [release.tag for release in membership.releases], n=1, cutoff=0.5)
    meant = f"did you mean {shown(near[0])}? " if near else ""
    raise UsageError(f"there is no release {shown(tag)}", hint=f"{meant}see `checktrail releases`")


def _changelog_hint(repository: Repository, names: tuple[str, ...]) -> str:
    """What to say where versions stand in a changelog but no tag does."""
    from checktrail.notes.markdown import headings

    if repository.head.commit is None or repository.is_partial:
        return ""
    asked = [f"{repository.head.commit}:{name}" for name in names]
    for name, found in zip(names, repository.objects(asked), strict=True):
        lines = found.content.decode("utf-8", "replace").splitlines()
        versions = sum(1 for heading in headings(lines) if heading.version)
        if found.kind == "blob" and versions:
            return f"{name} tells of {counted(versions, 'version')}, but none is tagged: tag them, or fetch the tags"
    return ""
