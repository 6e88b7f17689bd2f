"""Numbers in sentences. Pure."""

from __future__ import annotations


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: "1 tag", "2 tags"; `many` where an s behind the noun is not the plural."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"
