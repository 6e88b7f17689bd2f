"""`checktrail rule CODE`: what a rule means and how to satisfy it."""

from __future__ import annotations

import sys

import click

from checktrail.cli.door import door


@click.command(short_help="What a rule means and how to satisfy it.")
@click.argument("code", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    help="The form of what is said.",
)
def command(code: str | None, form: str) -> None:
    """What a rule means and how to satisfy it.

    Without a CODE all rules are listed. CL… are rules of `lint`, the others of `audit`.

    \b
    Examples:
      checktrail rule                   all rules, one line each
      checktrail rule CL401             why, bad and good examples, the fix
      checktrail rule --format json     all rules, for a program
    """  # noqa: D301 -- click wants the backspace itself
    from checktrail.exports.rules import definition, rules_document

    text = definition(code.upper()) if code is not None else ""
    if code is not None and text is None:
        raise _unknown(code)
    if form == "json":
        from checktrail.exports.wire import encoded

        click.echo(encoded(rules_document([code.upper()] if code is not None else None)), nl=False)
    elif not text:
        _list()
    elif form == "text" and sys.stdout.isatty():
        from rich.markdown import Markdown

        door().console().print(Markdown(text))
    else:
        click.echo(text, nl=False)


def _list() -> None:
    from checktrail.exports.rules import codes, rule_texts, title

    texts = rule_texts(codes())
    names = {code: title(code).partition(" ")[2] for code in texts}
    width = max((len(name) for name in names.values()), default=0)
    for code, words in texts.items():
        click.echo(f"{code}  {names[code]:<{width}}  {words.summary}")


def _unknown(code: str) -> click.UsageError:
    from difflib import get_close_matches

    from checktrail.exports.rules import codes

    near = get_close_matches(code.upper(), codes(), n=1, cutoff=0.5)
    meant = f"; did you mean {near[0]}?" if near else ""
    return click.UsageError(f"no rule has the code {code}{meant}")
