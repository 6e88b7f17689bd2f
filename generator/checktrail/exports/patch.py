"""Two versions of a file's bytes to a patch that `git apply` takes. Pure."""

from __future__ import annotations

import difflib

_NO_END = b"\\ No newline at end of file\n"


def patch(path: str, old: bytes, new: bytes) -> bytes:
    """A unified diff, byte for byte; a path with a quote or a control character is written as git quotes it."""
    names = (_quoted(f"a/{path}"), _quoted(f"b/{path}"))
    lines = difflib.diff_bytes(difflib.unified_diff, _lines(old), _lines(new), *names)
    return b"".join(line if line.endswith(b"\n") else line + b"\n" + _NO_END for line in lines)


def _lines(content: bytes) -> list[bytes]:
    """Lines as git counts them: a carriage return ends none."""
    lines = [line + b"\n" for line in content.split(b"\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def _quoted(path: str) -> bytes:
    raw = path.encode("utf-8", "surrogateescape")
    if all(byte >= 0x20 and byte not in b'"\\\x7f' for byte in raw):  # noqa: PLR2004 -- the first printable character
        return raw
    spelled = "".join(chr(byte) if 0x20 <= byte < 0x7F and byte not in b'"\\' else f"\\{byte:03o}" for byte in raw)  # noqa: PLR2004
    return f'"{spelled}"'.encode("ascii")
