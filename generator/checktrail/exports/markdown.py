"""Text from outside into Markdown that shows it and does nothing else. Pure.

Messages, names and tags are escaped whole; curated Markdown keeps its marks and loses raw HTML and links that run code.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from checktrail.errors import shown
from checktrail.notes.parts import Link

_SPECIAL = re.compile(r"[\\`*\[\]<>|~$]|(?<![^\W_])_|_(?![^\W_])")
_AT_START = re.compile(r"(?P<mark>#{1,6}(?=\s|\Z)|[+=-])|[0-9]{1,9}(?P<dot>[.)])(?=\s|\Z)")
# Inert already: what stands in a code span is shown as it is.
_CODE = r"(?<!`)(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)"
# A name behind an @ would notify a person or a team wherever the notes are pasted.
_MENTION = r"(?<![\w`.@])@[A-Za-z0-9](?:[A-Za-z0-9/_.-]*[A-Za-z0-9])?"
_CODE_SPAN = re.compile(_CODE)
_TAG = re.compile(r"<(?!https?://[^\s<>]*>)")
_RUNS_CODE = ("javascript:", "vbscript:", "data:", "file:")


def escaped(text: str) -> str:
    """Plain text as Markdown that shows exactly it, on one line; code spans stay code."""
    return linked(text, ())


def linked(text: str, links: Sequence[Link]) -> str:
    """Plain text as Markdown in which its references lead somewhere, and nothing else does anything."""
    line = shown(" ".join(text.split()))
    urls = {link.text: link.url for link in links}
    references = "|".join(re.escape(reference) for reference in sorted(urls, key=len, reverse=True))
    pattern = f"(?P<code>{_CODE})|(?P<mention>{_MENTION})" + (f"|(?P<reference>{references})" if references else "")
    pieces: list[str] = []
    start = 0
    for found in re.finditer(pattern, line):
        pieces.append(_plain(line[start : found.start()]))
        start = found.end()
        if found["code"]:
            pieces.append(found["code"])
        elif found["mention"]:
            pieces.append(f"`{found['mention']}`")
        else:
            pieces.append(f"[{_plain(found.group())}]({urls[found.group()]})")
    pieces.append(_plain(line[start:]))
    return _unblocked("".join(pieces))


def curated(text: str) -> str:
    """Curated Markdown on one line, without raw HTML; escaped whole where it holds what could run code."""
    line = shown(" ".join(text.split()))
    bare = "".join(html.unescape(line).casefold().split())
    if any(scheme in bare for scheme in _RUNS_CODE):
        return escaped(text)
    pieces: list[str] = []
    start = 0
    for code in _CODE_SPAN.finditer(line):
        pieces += [_TAG.sub("&lt;", line[start : code.start()]), code.group()]
        start = code.end()
    pieces.append(_TAG.sub("&lt;", line[start:]))
    return _unblocked("".join(pieces))


def _plain(text: str) -> str:
    return _SPECIAL.sub(lambda mark: f"\\{mark.group()}", text.replace("&", "&amp;"))


def _unblocked(line: str) -> str:
    """A line that opens no heading, list, fence or rule."""
    found = _AT_START.match(line)
    if found is None:
        return line if not line.startswith("```") else f"\\{line}"
    place = found.start("mark") if found["mark"] else found.start("dot")
    return f"{line[:place]}\\{line[place:]}"
