"""What the audit remarks on real histories: every change of these counts is looked at before it is written down.

None of the four holds a release checklist (their lists are to-do lists), so that nothing but the tags is remarked, and
every one of those remarks is true: signatures of rewritten histories do not hold any more.
"""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import pytest

from checktrail.audit.verdict import Verdict
from checktrail.config import read_settings
from checktrail.git import Repository
from checktrail.inquiry import Inquiry, inquire
from checktrail.record import read_record
from checktrail.store import Store

BUNDLES = Path(__file__).parents[2] / "shared" / "corpus" / "bundles"
LIVING = '[checklists]\nbindings = {"TODO.md" = "living"}\n'

pytestmark = pytest.mark.skipif(not BUNDLES.is_dir(), reason="the real histories are not beside the checkout")

# By the position of the bundle's file name: releases, and how often each code is remarked.
BASELINE = (
    (4, {"RL101": 4, "RL107": 4}),
    (31, {"RL101": 31, "RL107": 31}),
    (30, {"RL101": 1, "RL102": 23, "RL103": 6, "RL107": 30}),
    (126, {"RL101": 120, "RL102": 3, "RL103": 3, "RL107": 126}),
)


def audited(position: int, folder: Path, settings: str = "") -> Inquiry:
    clone = folder / "clone"
    bundle = sorted(BUNDLES.glob("*.bundle"))[position]
    subprocess.run(["git", "clone", "--quiet", str(bundle), str(clone)], check=True, capture_output=True)
    (clone / "checktrail.toml").write_text(settings)
    repository = Repository.open(clone)
    record = read_record(repository, read_settings(repository.worktree), Store(None, "a test keeps nothing"))
    return inquire(repository, record)


@pytest.mark.parametrize("position", range(len(BASELINE)))
def test_real_histories_as_they_are(position: int, tmp_path: Path) -> None:
    found = audited(position, tmp_path)
    releases, remarks = BASELINE[position]
    assert len(found.audit.releases) == releases
    assert Counter(one.finding.code for release in found.audit.releases for one in release.findings) == remarks
    assert {release.verdict for release in found.audit.releases} == {Verdict.NO_POLICY}
    assert found.audit.findings == ()


@pytest.mark.parametrize("position", [2, 3])
def test_to_do_lists_taken_for_checklists_hold_no_sign_off(position: int, tmp_path: Path) -> None:
    found = audited(position, tmp_path, LIVING)
    codes = {one.finding.code for release in found.audit.releases for one in release.findings}
    assert not {code for code in codes if code[:2] in ("ID", "TM")}
    assert not codes & {"SO205", "SO208", "SO209", "SO215", "SO216", "SO219"}
    assert [release.signoffs for release in found.audit.releases if release.signoffs] == []
