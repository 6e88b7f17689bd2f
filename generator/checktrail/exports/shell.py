"""Commands that readers copy: quoted so that a shell hands git exactly the names that the repository has. Pure.

Names come from anyone and need not be text. What cannot be printed is written in `$'…'`, which bash, zsh and ksh read;
so a copied command neither runs anything that a name holds nor loses a byte of it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

_PLAIN_TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+-]*\.[A-Za-z0-9._+-]*")
_MAGIC = re.compile(r"[*?\[\\]|^:")
_KEPT = frozenset(range(0x20, 0x7F)) - frozenset(b"\\'")


def word(name: str) -> str:
    """One word of a command: as it is, in quotes, or byte by byte where it cannot be printed."""
    if name.isprintable() and not _has_odd_bytes(name):
        return shlex.quote(name)
    octets = name.encode("utf-8", "surrogateescape")
    written = "".join(chr(octet) if octet in _KEPT else f"\\{octet:03o}" for octet in octets)
    return f"$'{written}'"


def tag_word(tag: str) -> str:
    """A tag as git reads no other thing into it: no branch, option, file or object of the same name."""
    return word(tag if _PLAIN_TAG.fullmatch(tag) else f"refs/tags/{tag}")


def diff_command(start: str, tag: str, paths: Iterable[str] = ()) -> str:
    """What shows the difference between a commit and a tag, in all of the tree or at some paths from its top."""
    wanted = [word(f":(top,literal){path}" if _MAGIC.search(path) else path) for path in paths]
    return " ".join(["git diff", start, tag_word(tag), "--", *wanted])


def _has_odd_bytes(name: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in name)
