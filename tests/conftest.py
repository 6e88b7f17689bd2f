"""How laws are tried: by as many examples as `amounts.py` says, by no clock, since a busy machine proves nothing false.

`--update-golden` writes the kept forms of pages anew; whoever does reads the difference before it is committed.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from amounts import amount

settings.register_profile(
    "no clock", settings(), max_examples=amount(100), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("no clock")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="Write the kept forms of pages anew.")
