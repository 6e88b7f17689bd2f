"""References in a text to links: `#12`, `!12`, `owner/name#12`, CVE, PEP, RFC. Pure.

Numbers lead to the host that the remote names; where none is known they stay plain text.
"""

from __future__ import annotations

import re
from typing import Protocol

from checktrail.notes.parts import Link

_REFERENCE = re.compile(
    r"(?<![\w/&#!.-])(?:(?P<other>[A-Za-z0-9][\w-]{0,38}/[\w.-]{1,100})?(?P<sign>[#!]|GH-)(?P<number>[1-9][0-9]{0,8})"
    r"|(?P<cve>CVE-[0-9]{4}-[0-9]{4,9})|PEP[ -]?(?P<pep>[0-9]{1,4})|RFC[ -]?(?P<rfc>[1-9][0-9]{0,4}))(?![\w-])"
)
_ISSUE = {"github": "issues", "gitlab": "-/issues", "bitbucket": "issues", "gitea": "issues"}
_REQUEST = {"gitlab": "-/merge_requests"}


class Web(Protocol):
    """Where a repository is seen by people: the kind of host (`github`, `gitlab` …) and its https address there."""

    @property
    def kind(self) -> str:
        """The kind of host."""

    @property
    def address(self) -> str:
        """The repository's address, without a slash at its end."""

    def commit(self, commit: str) -> str:
        """The page of a commit."""

    def tag(self, tag: str) -> str:
        """The page of a tag."""


def links(text: str, web: Web | None) -> tuple[Link, ...]:
    """The references in a text that lead somewhere, in its order, each once."""
    if not ("#" in text or "!" in text or "CVE-" in text or "PEP" in text or "RFC" in text or "GH-" in text):
        return ()
    found = (Link(match.group(), url) for match in _REFERENCE.finditer(text) if (url := _url(match, web)))
    return tuple(dict.fromkeys(found))


def numbers(text: str) -> frozenset[str]:
    """The issue and request numbers that a text names, as `#12` or `!12`."""
    if not ("#" in text or "!" in text or "GH-" in text):
        return frozenset()
    return frozenset(
        f"{'!' if match['sign'] == '!' else '#'}{match['number']}"
        for match in _REFERENCE.finditer(text)
        if match["number"] and not match["other"]
    )


def _url(match: re.Match[str], web: Web | None) -> str | None:
    if match["cve"]:
        return f"https://www.cve.org/CVERecord?id={match['cve']}"
    if match["pep"]:
        return f"https://peps.python.org/pep-{int(match['pep']):04}/"
    if match["rfc"]:
        return f"https://www.rfc-editor.org/rfc/rfc{match['rfc']}"
    if web is None:
        return None
    kinds = _REQUEST if match["sign"] == "!" else _ISSUE
    if web.kind not in kinds:
        return None
    address = web.address
    if match["other"]:
        # Another repository of the same host.
        address = "/".join([*address.split("/")[:3], match["other"]])
    return f"{address}/{kinds[web.kind]}/{match['number']}"
