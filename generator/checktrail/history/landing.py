"""A commit in, out which commit of its first-parent line brought each of its ancestors in. Pure.

The first parent of a merge is the branch that was merged into. So from a branch's end, first parents alone are what the
branch was at each time, and everything else came in by one of the merges among them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def landings(parents: Callable[[str], tuple[str, ...]], end: str) -> dict[str, str]:
    """Each ancestor's landing on the line that ends here: the first commit of the line that has it; itself when on it.

    One look at every commit, whatever the number of merges.

    Raises:
        KeyError: the commit was not walked.
    """
    line = [end]
    while above := parents(line[-1]):
        line.append(above[0])
    found = {commit: commit for commit in line}
    for commit in reversed(line):
        waiting = list(parents(commit)[1:])
        while waiting:
            one = waiting.pop()
            if one not in found:
                found[one] = commit
                waiting += parents(one)
    return found
