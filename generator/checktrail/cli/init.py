"""`checktrail init`: everything that a repository needs to have a release site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checktrail.cli.door import door

if TYPE_CHECKING:
    from pathlib import Path

    from checktrail.git import Repository
    from checktrail.starters.setup import SetupFile


@click.command(short_help="Set up checktrail in a repository.")
@click.option(
    "--from", "template", metavar="TEMPLATE", default="product-release", help="The first checklist's template."
)
@click.option("--version", metavar="VERSION", help="The release the first checklist is for; the next minor by default.")
@click.option("--date", metavar="DATE", help="The day the first release is planned for, such as 2026-03-31.")
@click.option(
    "--ci",
    type=click.Choice(["auto", "github", "gitlab", "none"]),
    default="auto",
    help="Whose pipelines to write; auto looks at the remote.",
)
@click.option("--comment", is_flag=True, help="Also the GitHub workflow that comments on pull requests.")
@click.option("--policy", is_flag=True, help="Also draft a sign-off policy from the sign-offs of past releases.")
def command(  # noqa: PLR0913 -- one parameter per option
    template: str, version: str | None, date: str | None, ci: str, *, comment: bool, policy: bool
) -> None:
    r"""Set up checktrail in a repository.

    Makes the first checklist (where there is none), checktrail.toml, mkdocs.yml and the pipelines that check pull
    requests and publish the site. A file that is there already is left as it is, and nothing is committed.

    \b
    Examples:
      checktrail init
      checktrail init --from service-deployment --version v1.0.0
      checktrail init --ci gitlab
      checktrail init --policy
    """
    from checktrail import __version__
    from checktrail.cli.new import say_what_is_left
    from checktrail.cli.reach import root_of
    from checktrail.starters.setup import Asked, setup_files
    from checktrail.starters.shipped import setup_text

    repository = door().repository()
    root = root_of(repository)
    asked = Asked(
        product=repository.name,
        branch=repository.head.branch or "main",
        ci=_host(repository) if ci == "auto" else ci,
        comment=comment,
        checklist=_first_checklist(repository, template, version, date),
        tool=__version__,
    )
    for file in setup_files(asked, setup_text, has_docs=(root / "docs").is_dir()):
        if _make(root, file) and file == asked.checklist:
            say_what_is_left(file.text)
    if policy:
        _make_policy(root, repository)
    door().say("  next: look at the files, commit them, then `checktrail build --open`")


def _make(root: Path, file: SetupFile) -> bool:
    """Write a file and name it; False where one is there already."""
    from checktrail.errors import UsageError
    from checktrail.writing import create_file

    try:
        create_file(root, file.path, file.text.encode())
    except UsageError:
        door().say(f"  {file.path} is there already and stays as it is")
        return False
    click.echo(file.path)
    return True


def _make_policy(root: Path, repository: Repository) -> None:
    from checktrail.cli.drafting import drafted_policy

    file = drafted_policy(repository)
    if file is None:
        door().say("  no policy is drafted: no past release shows who signed in which role")
    else:
        _make(root, file)


def _host(repository: Repository) -> str:
    return "gitlab" if "gitlab" in (repository.remote_url or "") else "github"


def _first_checklist(repository: Repository, template: str, version: str | None, date: str | None) -> SetupFile | None:
    """The first checklist; None where the repository has one that is no template."""
    from checktrail.cli.new import held_by, made_text
    from checktrail.model import Binding
    from checktrail.starters.next import asked_version, next_version, place
    from checktrail.starters.setup import SetupFile

    held = held_by(repository)
    if version is None and any(each.bound.binding in (Binding.OWN, Binding.LIVING) for each in held):
        return None
    typed = version or next_version([tag.name for tag in repository.tags()])
    return SetupFile(place(typed, asked_version(typed), None), made_text(typed, template, repository, date))
