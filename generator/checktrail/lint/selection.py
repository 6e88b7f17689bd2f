"""Which lint rules speak, where, and how loud. Pure.

Apart from the rules, so that a run in which everything is remembered need not load them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from checktrail.model import Severity

if TYPE_CHECKING:
    from checktrail.lint.page import Flaw


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rules speak, where, and how loud.

    `select` and `ignore` are codes or beginnings of codes, an empty `select` being all; `per_file` maps globs to what
    is left out in the files they fit; `severity` maps codes to a weight of the user's own.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    severity: Mapping[str, str] = field(default_factory=dict)

    def speaks(self, code: str, path: str) -> bool:
        """Whether a rule speaks in a file."""
        if self.select and not code.startswith(self.select):
            return False
        if self.ignore and code.startswith(self.ignore):
            return False
        if not self.per_file:
            return True
        return not any(fnmatchcase(path, glob) and code.startswith(codes) for glob, codes in self.per_file.items())

    def weight(self, code: str, flaw: Flaw, usual: Severity) -> Severity:
        """How much a flaw weighs: the user's word first, then what is usual, a grave warning being an error."""
        if code in self.severity:
            return Severity(self.severity[code])
        severity = flaw.severity or usual
        return Severity.ERROR if flaw.grave and severity is Severity.WARNING else severity
