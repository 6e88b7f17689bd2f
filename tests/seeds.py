"""Real checklists that stand beside the checkout on some machines; tests that want them skip elsewhere, saying why."""

from __future__ import annotations

from pathlib import Path

import pytest

_SHARED = Path(__file__).resolve().parents[2] / "shared"
SEEDS = tuple(sorted((_SHARED / "seeds").glob("*.txt")))
CORPUS = _SHARED / "corpus"

needs_seeds = pytest.mark.skipif(not SEEDS, reason="the real checklists do not stand beside this checkout")
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus does not stand beside this checkout")
