"""The templates that come with the product.

In: a name. Out: a template's text. They stand beside the package in the wheel, else at this project's root.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from checktrail.errors import UsageError, shown
from checktrail.parse import parse


class Starter(NamedTuple):
    """A shipped checklist template: its name for `--from`, what it is for, and its text."""

    name: str
    about: str
    text: str


ABOUT = {
    "product-release": "a product with packages, documents and an announcement",
    "service-deployment": "a running service: runbook, rollback, sign-off by role",
    "database": "a database or storage engine, with client libraries",
    "library": "a package in a registry",
    "enterprise-signoff": "a record of who answered for what, by role",
    "hotfix": "a fix of a release that is out",
}


def starters() -> tuple[Starter, ...]:
    """Every shipped checklist template."""
    folder = _folder() / "checklists"
    return tuple(Starter(name, about, _text(folder / f"{name}.md")) for name, about in ABOUT.items())


def starter(name: str) -> Starter:
    """The shipped checklist template of a name.

    Raises:
        UsageError: there is none.
    """
    if name not in ABOUT:
        from difflib import get_close_matches

        near = get_close_matches(name, ABOUT, n=1)
        meant = f"did you mean {near[0]}? " if near else ""
        raise UsageError(f"there is no template {shown(name)}", hint=f"{meant}see `checktrail new --list`")
    return Starter(name, ABOUT[name], _text(_folder() / "checklists" / f"{name}.md"))


def items_in(text: str) -> int:
    """How many items a template holds."""
    return len(parse(text).items)


def setup_text(name: str) -> str:
    """The text of a shipped set-up file, such as `mkdocs.yml` or `github/check.yml`."""
    return _text(_folder() / "setup" / name)


def _folder() -> Path:
    package = Path(__file__).parent.parent
    beside = package / "templates"
    return beside if beside.is_dir() else package.parent.parent / "templates"


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")
