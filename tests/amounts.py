"""How much the suite tries by chance: at every run enough to stumble over a fault soon, and all of it when asked.

`CHECKTRAIL_THOROUGH=1`, as in `make thorough`, tries all. What a test proves by an example of its own hangs on neither.
"""

from __future__ import annotations

import os

THOROUGH = os.environ.get("CHECKTRAIL_THOROUGH", "") not in {"", "0"}


def amount(whole: int, quick: int = 0) -> int:
    """`whole` when all is asked for; else `quick`, or a quarter where that is not said."""
    return whole if THOROUGH else quick or max(1, whole // 4)


def amount_of(variable: str, *, whole: int, quick: int) -> int:
    """An amount that an environment variable may say, too."""
    return int(os.environ.get(variable) or amount(whole, quick))
