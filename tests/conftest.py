"""How laws are tried: as many examples as elsewhere, and by no clock, since a busy machine proves nothing false."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("no clock", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no clock")
