"""`checktrail audit`: sign-offs and findings of releases; the gate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from checktrail.cli.door import door

if TYPE_CHECKING:
    from checktrail.audit.policy import Policy
    from checktrail.cli.selection import Selection
    from checktrail.inquiry import Inquiry

_FORMS = ("text", "json", "concise", "github", "gitlab", "junit", "sarif", "markdown")
_FAILS, _INCOMPLETE = 1, 3


@click.command(short_help="Sign-offs and findings of releases; the gate.")
@click.argument("tags", metavar="[TAG]...", nargs=-1)
@click.option("--from", "start", metavar="DATE", help="Only releases from this day on (UTC).")
@click.option("--to", "end", metavar="DATE", help="Only releases up to this day (UTC).")
@click.option("--sample", type=click.IntRange(min=1), help="Only N of them, drawn by the seed.")
@click.option("--seed", default="0", metavar="SEED", help="What the sample is drawn by: same seed, same sample.")
@click.option("--policy", "policy_file", metavar="FILE", help="Hold every release against this policy instead.")
@click.option("--explain", nargs=2, metavar="REQUIREMENT TAG", help="Why a requirement holds for a release, or not.")
@click.option("--format", "form", type=click.Choice(_FORMS), default="text", help="The form of the audit.")
@click.option("--allow-shallow", is_flag=True, help="Answer in a shallow clone too; verdicts are indeterminate.")
def command(  # noqa: PLR0913 -- one parameter for each option, handed on in bundles at once
    *,
    tags: tuple[str, ...],
    start: str | None,
    end: str | None,
    sample: int | None,
    seed: str,
    policy_file: str | None,
    explain: tuple[str, str] | None,
    form: str,
    allow_shallow: bool,
) -> int:
    r"""Sign-offs and findings of releases; the gate.

    For each release: who took responsibility for what, when, in which commit, how certain that is, whether the policy's
    requirements hold, and what looks wrong. Without a policy there is nothing to pass, and facts are shown.

    Exit codes: 0 fine, 1 a release fails, 2 could not run, 3 evidence is incomplete.

    \b
    Examples:
      checktrail audit                             every release
      checktrail audit v1.2.0                      one release
      checktrail audit --from 2025-01-01 --to 2025-12-31 --sample 5 --seed 2025
      checktrail audit --explain qa v1.2.0         why a requirement holds, or not
      checktrail audit --format sarif > audit.sarif
    """
    from checktrail.cli.selection import Selection

    wanted = Selection(tags if explain is None else (explain[1],), start, end, sample, seed)
    found = _inquired(wanted, policy_file, allow_shallow=allow_shallow)
    if explain is not None:
        click.echo(_explained(found, explain[0]), nl=False)
        return 0
    click.echo(_put(found, form, wanted, _arguments(wanted, policy_file)), nl=False)
    return _exit_code(found)


def _inquired(wanted: Selection, policy_file: str | None, *, allow_shallow: bool) -> Inquiry:
    """The audit of the releases that are wanted.

    Raises:
        UsageError: what is wanted names no release.
        InputError: the policy given by hand cannot be read.
    """
    from checktrail.inquiry import inquire
    from checktrail.record import read_record
    from checktrail.worktree import repository_settings

    here = door()
    repository = here.repository()
    settings = repository_settings(repository)
    with here.working("Reading the history"):
        record = read_record(repository, settings, here.store(), allow_shallow=allow_shallow)
    chosen = wanted.tags_of(record.membership)
    with here.working("Auditing"):
        return inquire(repository, record, tags=chosen, override=_override(policy_file))


def _exit_code(found: Inquiry) -> int:
    if found.audit.fails:
        return _FAILS
    return _INCOMPLETE if found.audit.is_incomplete else 0


def _arguments(wanted: Selection, policy_file: str | None) -> list[str]:
    return [*wanted.arguments, *((f"--policy={policy_file}",) if policy_file else ())]


def _override(policy_file: str | None) -> Policy | None:
    """The policy given by hand.

    Raises:
        InputError: the file cannot be read.
    """
    if policy_file is None:
        return None
    from checktrail.audit.reading import read_policy
    from checktrail.errors import InputError, shown

    try:
        text = Path(door().directory, policy_file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise InputError(f"the policy {shown(policy_file)} cannot be read: {reason}") from None
    return read_policy(text, policy_file)


def _explained(found: Inquiry, requirement: str) -> str:
    from checktrail.errors import UsageError, shown
    from checktrail.exports.audit_text import explanation

    (one,) = found.audit.releases
    answer = next((answer for answer in one.requirements if answer.requirement.id == requirement), None)
    if answer is None:
        known_ids = ", ".join(shown(each.requirement.id) for each in one.requirements)
        raise UsageError(
            f"the policy in force for {shown(one.release.tag)} has no requirement {shown(requirement)}",
            hint=f"it has {known_ids}" if known_ids else "no policy is in force there; give one with --policy FILE",
        )
    return explanation(one, answer)


def _put(found: Inquiry, form: str, wanted: Selection, arguments: list[str]) -> str:
    from checktrail import __version__

    if form == "text":
        from checktrail.exports.audit_text import audit_text

        return audit_text(found.audit, __version__)
    if form == "json":
        from checktrail.exports.audit import audit_document
        from checktrail.exports.wire import encoded

        sample = wanted.sample_form(len(found.evidence.releases))
        return encoded(audit_document(found, arguments, sample))
    from checktrail.exports.audit_report import audit_report
    from checktrail.exports.reports import FORMATS

    return FORMATS[form](audit_report(found.audit))
