"""`checktrail verify BUNDLE`: check an evidence bundle offline."""

from __future__ import annotations

from pathlib import Path

import click

from checktrail.cli.door import door

_DIFFERS = 1


@click.command(short_help="Check an evidence bundle offline.")
@click.argument("bundle", metavar="BUNDLE")
def command(bundle: str) -> int:
    r"""Check an evidence bundle offline.

    BUNDLE is the zip that `checktrail export` made, or the folder it was unpacked into. Every byte is held against the
    seal and the manifests, every git object against its id, every sign-off against its box and its commit, and every
    form against the others. Nothing is unpacked, written or fetched, and no repository is needed; the `verify.py` in
    the bundle does the same without checktrail, but for the signatures.

    Exit codes: 0 nothing differs, 1 something does or it is no bundle, 2 it could not be read.

    \b
    Examples:
      checktrail verify evidence.zip
    """
    from checktrail.errors import InputError, shown
    from checktrail.exports.verify_bundle import outcomes_of, told
    from checktrail.exports.verify_signatures import signatures

    path = Path(door().directory, bundle)
    try:
        if path.is_file():
            with path.open("rb"):
                pass
        elif not path.is_dir():
            raise InputError(
                f"there is no bundle {shown(path)}", hint="make one with `checktrail export --to FILE.zip`"
            )
    except OSError as error:
        raise InputError(f"{shown(path)} cannot be read: {error.strerror}") from None
    with door().working("Checking"):
        outcomes = outcomes_of(path, (("signatures", signatures),))
    for line in told(outcomes):
        click.echo(line)
    return _DIFFERS if any(outcome.faults for outcome in outcomes) else 0
