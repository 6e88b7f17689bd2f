"""The story of six releases, two years in the life of a small team; each chapter is one release. Pure.

What a chapter is there to show stands in its docstring. Read `story()` first.
"""

from __future__ import annotations

from checktrail.demo import texts
from checktrail.demo.cast import (
    BEN,
    BEN_AT_HOME,
    BOT,
    DANA,
    DEPLOYMENT,
    FORGE,
    MEI,
    PRIYA,
    RAVI,
    TEMPLATE,
    TOMAS,
    clear_to_deploy,
    close,
    deploy,
    on,
    open_list,
    prepare,
    publish,
    rehearse,
    verify,
)
from checktrail.demo.policy import ALLOWED_SIGNERS, POLICY, POLICY_WITH_KEYS, POLICY_WITH_WAIVERS
from checktrail.demo.scribe import Author, Edit, Scribe, append, replace, tick, untick, waive, write

TABLES = "src/tidepool/tables.py"
HEIGHTS = "src/tidepool/heights.py"
COAST = "src/tidepool/coast.py"


def story() -> Scribe:
    """The whole history, from the first commit to the pull request that waits for a review."""
    scribe = Scribe()
    first_release(scribe)
    clean_release(scribe)
    hotfix(scribe)
    release_with_a_late_signature(scribe)
    breaking_release(scribe)
    release_that_takes_something_back(scribe)
    release_in_flight(scribe)
    pull_request(scribe)
    scribe.switch("main")
    return scribe


def first_release(scribe: Scribe) -> None:
    """v1.0.0: a lightweight tag, and a sign-off that was born ticked."""
    day = "2025-02-04"
    scribe.commit(BEN, "2025-01-08 09:00", "Tide tables for one harbour", *_first_files())
    scribe.commit(TOMAS, "2025-01-13 10:00", "Write the checklists down", *_first_checklists())
    # The security lead's line is put in already ticked: no commit ever turned it from open to ticked.
    born = replace("checklists/v1.0.0.md", "- [ ] Security lead sign-off", "- [x] Security lead sign-off")
    path = open_list(scribe, "v1.0.0", day, -14, born)
    scribe.commit(BEN, on(day, -10, "12:00"), "feat: export a table as plain text", _function(TABLES, "as_text"))
    prepare(scribe, path, day)
    rehearse(scribe, day, schema_changed=True)
    clear_to_deploy(scribe, day)
    _sign(scribe, path, day)
    scribe.tag("v1.0.0")
    publish(scribe, path, day)
    deploy(scribe, day, schema_changed=True)
    verify(scribe, path, day)
    close(scribe, path, day)


def clean_release(scribe: Scribe) -> None:
    """v1.1.0: an annotated tag, parallel ticks on two branches, one landing as a squash, everything before the tag."""
    day = "2025-03-18"
    scribe.commit(TOMAS, on(day, -25, "09:00"), "Agree on a sign-off policy", write("checktrail-policy.yml", POLICY))
    path = open_list(scribe, "v1.1.0", day, -21)
    scribe.switch("feature/calendar", "main")
    scribe.commit(BEN, on(day, -18, "10:00"), "feat: export a table as a calendar", _function(TABLES, "as_calendar"))
    scribe.commit(BEN_AT_HOME, on(day, -17, "20:00"), "test: calendars across midnight", _test("calendar"))
    scribe.switch("main")
    scribe.merge("feature/calendar", BEN, on(day, -16, "09:00"), "Merge the calendar export (#12)")
    scribe.discard("feature/calendar")
    squash = "feat: heights by the minute (#14)\n\nCo-authored-by: Mei Chen <mei@tidepool.example>"
    scribe.commit(BEN, on(day, -14, "13:00"), squash, _function(HEIGHTS, "by_minute"), committer=FORGE)
    _changelog(
        scribe, TOMAS, on(day, -10, "09:00"), ("1.1.0", day), "### New features\n\n- Calendars\n- Heights by minute"
    )
    _parallel_ticks(scribe, path, day)
    rehearse(scribe, day, schema_changed=False)
    clear_to_deploy(scribe, day)
    _sign(scribe, path, day)
    scribe.tag("v1.1.0", TOMAS, on(day, 0, "17:45"), "Tidepool 1.1.0\n\nCalendars, and heights by the minute.")
    publish(scribe, path, day)
    deploy(scribe, day, schema_changed=False)


def hotfix(scribe: Scribe) -> None:
    """v1.1.1: v1.1.0 is rolled back; the fix is picked onto a support branch with a checklist of its own."""
    scribe.commit(RAVI, "2025-03-20 08:10", "Roll 1.1.0 back", tick(DEPLOYMENT, "Rollback decided", "Previous version"))
    scribe.commit(RAVI, "2025-03-20 09:30", "Back on 1.0.0", tick(DEPLOYMENT, "Service verified after"))
    edit = replace(
        HEIGHTS, "def by_minute(harbour: str) -> str:", "def by_minute(harbour: str, *, utc: bool = True) -> str:"
    )
    subject = "fix: heights shift by an hour in summer"
    fix = scribe.commit(BEN, "2025-03-21 11:00", f"{subject}\n\nHotfix-For: v1.1.0", edit)
    scribe.switch("support/1.1", "v1.1.0")
    message = f"{subject}\n\nHotfix-For: v1.1.0\n(cherry picked from commit {fix})"
    scribe.commit(BEN, "2025-03-24 09:00", message, edit)
    path = "checklists/v1.1.1.md"
    scribe.commit(TOMAS, "2025-03-24 11:30", "Open the checklist of the hotfix", write(path, texts.HOTFIX))
    done = tick(path, "Defect reproduced", "Fix is as small", "Fix taken over", "Regression tests")
    scribe.commit(DANA, "2025-03-25 10:30", "The fix holds", done, tick(path, "QA lead"))
    scribe.commit(TOMAS, "2025-03-27 09:00", "Release the hotfix", tick(path, "Release manager"))
    scribe.tag("v1.1.1", TOMAS, "2025-03-27 09:30", "Tidepool 1.1.1\n\nHeights no longer shift in summer.")
    scribe.commit(RAVI, "2025-03-27 15:00", "The hotfix is in service", tick(path, "Patch version", "Hotfix deployed"))
    scribe.commit(
        DANA, "2025-03-28 10:00", "Harbours are right again", tick(path, "Affected harbours", "Incident closed")
    )
    scribe.switch("main")
    scribe.commit(
        RAVI, "2025-03-31 10:00", "Report on the night of the 18th", tick(DEPLOYMENT, "Incident report written")
    )
    verify(scribe, "checklists/v1.1.0.md", "2025-04-01")
    close(scribe, "checklists/v1.1.0.md", "2025-04-01")


def release_with_a_late_signature(scribe: Scribe) -> None:
    """v1.2.0: a candidate, a revert before the release, items not applicable, a merge that ticks, a late sign-off."""
    day = "2025-05-28"
    path = open_list(scribe, "v1.2.0", day, -23)
    gone = scribe.commit(BEN, on(day, -22, "10:00"), "feat: guess the harbour from the address", _test("guess"))
    text = f'Revert "feat: guess the harbour from the address"\n\nThis reverts commit {gone}.'
    scribe.commit(BEN, on(day, -20, "10:00"), text, replace("tests/test_guess.py", "guess", "ask"))
    scribe.commit(BOT, on(day, -19, "03:00"), "chore: newer dependencies", _function("src/tidepool/pins.py", "pins"))
    scribe.commit(BEN, on(day, -16, "15:00"), "perf: read the almanac once", _function(TABLES, "cached"))
    _changelog(scribe, MEI, on(day, -12, "15:00"), ("1.2.0", day), "### Improvements\n\n- Faster tables\n- Dark pages")
    prepare(scribe, path, day)
    scribe.tag("v1.2.0-rc.1", TOMAS, on(day, -4, "18:00"), "Tidepool 1.2.0, first candidate")
    waived = waive(path, "Secrets rotated (if needed)", "rotated in April")
    scribe.commit(PRIYA, on(day, -3, "12:00"), "Nothing to rotate", waived)
    scribe.switch("upgrade-notes", "main")
    scribe.commit(MEI, on(day, -3, "22:00"), "docs: how to upgrade", write("docs/upgrade-1.2.md", "# Upgrade to 1.2\n"))
    scribe.switch("main")
    rehearse(scribe, day, schema_changed=False)
    clear_to_deploy(scribe, day)
    # Nobody ticked this on either side: the merge itself does.
    by_merge = tick(path, "Upgrade notes written", "Product owner sign-off")
    scribe.merge("upgrade-notes", MEI, on(day, 0, "16:10"), "Merge the upgrade notes (#31)", by_merge)
    scribe.discard("upgrade-notes")
    _signed_by(scribe, path, on(day, 0, "11:00"), (BEN, "Development lead"), (DANA, "QA lead"))
    _signed_by(scribe, path, on(day, 0, "18:00"), (TOMAS, "Release manager"))
    scribe.tag("v1.2.0", TOMAS, on(day, 0, "18:30"), "Tidepool 1.2.0")
    scribe.commit(
        TOMAS, on(day, 0, "18:40"), "Published", tick(path, "Annotated tag", "Packages built", "Version number")
    )
    deploy(scribe, on(day, 1, "")[:10], schema_changed=False)
    scribe.commit(PRIYA, on(day, 2, "17:00"), "Security agrees, after the fact", tick(path, "Security lead sign-off"))
    verify(scribe, path, on(day, 2, "")[:10])
    close(scribe, path, day)


def breaking_release(scribe: Scribe) -> None:
    """v2.0.0: roles as headings, signatures, a statement reworded under its tick, code after a sign-off, aliases."""
    day = "2025-09-17"
    by_role = replace(TEMPLATE, texts.SIGNOFF_BY_ITEM, texts.SIGNOFF_BY_ROLE)
    scribe.commit(TOMAS, "2025-07-01 10:00", "Sign off by role, with statements", by_role)
    scribe.signers |= {DANA.email, TOMAS.email}
    keys = (write("checktrail-policy.yml", POLICY_WITH_KEYS), write("security/allowed_signers", ALLOWED_SIGNERS))
    scribe.commit(TOMAS, "2025-07-02 10:00", "Vouch for the signing keys", *keys)
    path = open_list(scribe, "v2.0.0", day, -40)
    metres = replace(HEIGHTS, "centimetres", "metres")
    breaking = "feat!: heights in metres\n\nBREAKING CHANGE: `height()` returns metres instead of centimetres."
    scribe.commit(BEN, on(day, -36, "10:00"), breaking, metres)
    scribe.switch("feature/coast", "main")
    scribe.commit(BEN, on(day, -32, "10:00"), "feat: tables for a whole coast", _function(COAST, "coast"))
    scribe.commit(MEI, on(day, -31, "16:00"), "docs: coasts", append("docs/guide.md", "\n## Coasts\n"))
    scribe.switch("main")
    scribe.merge("feature/coast", TOMAS, on(day, -29, "10:00"), "Merge tables for a whole coast (#40)")
    scribe.discard("feature/coast")
    scribe.commit(MEI, on(day, -28, "16:00"), "Draft the notes", write("releases/v2.0.0.md", texts.NOTES_2_0_0))
    _changelog(scribe, MEI, on(day, -27, "16:00"), ("2.0.0", day), "### Breaking changes\n\n- Heights in metres")
    scribe.tag("v2.0.0-rc.1", TOMAS, on(day, -15, "10:00"), "Tidepool 2.0.0, first candidate")
    prepare(scribe, path, day)
    # The load test missed the budget that was ticked: the sentence is changed, the tick stays.
    reworded = replace(path, "budget (p95 below 200 ms)", "budget (p95 below 350 ms)")
    scribe.commit(BEN, on(day, -4, "18:30"), "Put the budget right", reworded)
    rehearse(scribe, day, schema_changed=True)
    _roles_of_2_0(scribe, path, day)
    scribe.tag("v2.0.0-rc.2", TOMAS, on(day, 0, "15:00"), "Tidepool 2.0.0, second candidate")
    scribe.tag("v2.0.0", TOMAS, on(day, 0, "16:00"), "Tidepool 2.0.0")
    publish(scribe, path, day)
    deploy(scribe, day, schema_changed=True)
    verify(scribe, path, day)
    close(scribe, path, day)


def release_that_takes_something_back(scribe: Scribe) -> None:
    """v2.1.0: a shipped commit reverted, a sign-off revoked, a false table, a clock that went backwards."""
    day = "2025-12-02"
    path = open_list(scribe, "v2.1.0", day, -30)
    shipped = next(line for line in _subjects(scribe) if line[1] == "perf: read the almanac once")
    text = f'Revert "perf: read the almanac once"\n\nThis reverts commit {shipped[0]}.'
    scribe.commit(BEN, on(day, -26, "10:00"), text, replace(TABLES, "def cached", "def uncached"))
    scribe.commit(BEN, on(day, -24, "10:00"), "feat: currents beside heights", _function(HEIGHTS, "currents"))
    fix = "fix: names of harbours with an apostrophe\n\nFixes #57\nReviewed-by: Dana Reyes <dana@tidepool.example>"
    scribe.commit(MEI, on(day, -22, "15:00"), fix, _function(TABLES, "quoted"))
    fixes = "### New features\n\n- Currents\n\n### Bug fixes\n\n- Apostrophes in names\n- Faster start"
    _changelog(scribe, MEI, on(day, -14, "15:00"), ("2.1.0", day), fixes)
    prepare(scribe, path, day)
    _count_by_hand(scribe, path, on(day, -3, "10:00"))
    rehearse(scribe, day, schema_changed=False)
    _roles_of_2_1(scribe, path, day)
    scribe.tag("v2.1.0", TOMAS, on(day, 0, "16:00"), "Tidepool 2.1.0\n\nCurrents beside heights.")
    scribe.tag_tree("sources-2025")
    publish(scribe, path, day)
    deploy(scribe, day, schema_changed=False)
    verify(scribe, path, day)
    scribe.tag("seen-by-the-harbour-board")
    doubt = "Take the test report's acceptance back\n\nThe report was last month's."
    scribe.commit(DANA, on(day, 6, "09:00"), doubt, untick(path, "Test report read"))
    close(scribe, path, day)


def release_in_flight(scribe: Scribe) -> None:
    """v2.2.0: half-way; what is open, whose it is, and what a linter has to say."""
    day = "2026-02-24"
    scribe.commit(TOMAS, "2026-01-12 10:00", "Grant two waivers", write("checktrail-policy.yml", POLICY_WITH_WAIVERS))
    path = open_list(scribe, "v2.2.0", day, -28, _mistakes())
    scribe.commit(BEN, on(day, -26, "10:00"), "feat: tables for a week", _function(TABLES, "week"))
    scribe.commit(
        MEI, on(day, -25, "15:00"), "docs: a guide for harbour masters", append("docs/guide.md", "\n## Weeks\n")
    )
    scribe.commit(
        BEN, on(day, -8, "11:20"), "Tick what the build shows", tick(path, "Unit and integration", "Every change")
    )
    counted = append(path, texts.KEPT_TABLE)
    scribe.commit(DANA, on(day, -7, "10:05"), "No severe defect is open", tick(path, "No open defect"), counted)
    scribe.commit(RAVI, on(day, -3, "14:00"), "Agree the window with support", tick(DEPLOYMENT, "Maintenance window"))


def pull_request(scribe: Scribe) -> None:
    """A branch that waits for a review: ticks by two people, a reword under a tick, a removal, a new item."""
    path = "checklists/v2.2.0.md"
    scribe.switch("ticks-of-the-week", "main")
    scribe.commit(PRIYA, "2026-02-22 12:00", "Dependencies are scanned", tick(path, "Dependencies scanned"))
    loosened = replace(path, "No open defect of severity 1 or 2", "No open defect of severity 1")
    scribe.commit(DANA, "2026-02-22 10:00", "Load test done; severity 2 is fine", tick(path, "Load test"), loosened)
    item = "- [ ] User guide matches the new pages\n"
    more = replace(path, item, f"{item}- [ ] Guide read by a harbour master\n")
    less = replace(path, "- [ ] Memory stays level through a day of steady load\n", "")
    scribe.commit(MEI, "2026-02-23 15:00", "Ask a harbour master; drop the long test", more, less)


def _first_files() -> list[Edit]:
    return [
        write("README.md", texts.README),
        write("pyproject.toml", texts.PYPROJECT),
        write(".mailmap", texts.MAILMAP),
        write("CHANGELOG.md", texts.CHANGELOG),
        write("docs/guide.md", "# Guide\n"),
        write("docs/roadmap.md", texts.ROADMAP),
        write(".github/PULL_REQUEST_TEMPLATE.md", texts.PULL_REQUEST_TEMPLATE),
        write(TABLES, '"""Tables of high and low water."""\n'),
        write(HEIGHTS, '"""Heights of the tide, in centimetres."""\n'),
    ]


def _first_checklists() -> list[Edit]:
    return [write(TEMPLATE, texts.TEMPLATE), write(DEPLOYMENT, texts.DEPLOYMENT)]


def _function(path: str, name: str) -> Edit:
    code = f'\n\ndef {name}(harbour: str) -> str:\n    """What {name} says about a harbour."""\n    return harbour\n'
    return append(path, code)


def _test(name: str) -> Edit:
    return write(f"tests/test_{name}.py", f"def test_{name}() -> None:\n    assert True\n")


def _changelog(scribe: Scribe, author: Author, when: str, version: tuple[str, str], body: str) -> None:
    """Write a version's section (its number and day are given) and set the number in the package."""
    number, day = version
    section = replace("CHANGELOG.md", "# Changelog\n", f"# Changelog\n\n## [{number}] - {day}\n\n{body}\n")
    numbers = [line for line in scribe.text("pyproject.toml").split("\n") if line.startswith("version")]
    bumped = replace("pyproject.toml", numbers[0], f'version = "{number}"')
    scribe.commit(author, when, f"chore: prepare {number}", section, bumped)


def _sign(scribe: Scribe, path: str, day: str) -> None:
    if "- [ ] Security lead sign-off" in scribe.text(path):
        _signed_by(scribe, path, on(day, 0, "12:00"), (PRIYA, "Security lead"))
    _signed_by(scribe, path, on(day, 0, "11:00"), (BEN, "Development lead"), (DANA, "QA lead"))
    _signed_by(scribe, path, on(day, 1, "00:10"), (MEI, "Product owner"))
    version = tick(path, "Version number set")
    scribe.commit(TOMAS, on(day, 0, "17:30"), "Sign: Release manager", tick(path, "Release manager sign-off"), version)


def _signed_by(scribe: Scribe, path: str, when: str, *signatures: tuple[Author, str]) -> None:
    for author, role in signatures:
        scribe.commit(author, when, f"Sign: {role}", tick(path, f"{role} sign-off"))


def _parallel_ticks(scribe: Scribe, path: str, day: str) -> None:
    """Two people tick different sections of one file at the same time; the merges only bring their ticks in."""
    scribe.switch("ticks-security", "main")
    scribe.commit(PRIYA, on(day, -7, "15:40"), "Dependencies are scanned", tick(path, "Dependencies scanned"))
    scribe.switch("ticks-quality", "main")
    scribe.commit(DANA, on(day, -7, "10:05"), "No severe defect is open", tick(path, "No open defect"))
    scribe.commit(DANA, on(day, -5, "09:30"), "Record the load test", tick(path, "Load test", "Memory stays"))
    scribe.switch("main")
    scribe.commit(BEN, on(day, -6, "11:20"), "Tick what the build shows", tick(path, "Unit and", "Every", "Public"))
    scribe.merge("ticks-security", TOMAS, on(day, -5, "17:00"), "Merge the security ticks (#17)")
    scribe.merge("ticks-quality", TOMAS, on(day, -5, "17:05"), "Merge the quality ticks (#18)")
    scribe.commit(MEI, on(day, -4, "17:10"), "The guide is ready", tick(path, "CHANGELOG.md has", "User guide"))
    scribe.discard("ticks-security")
    scribe.discard("ticks-quality")


def _roles_of_2_0(scribe: Scribe, path: str, day: str) -> None:
    """QA signs early and code changes after it; one squash hides two roles' ticks."""
    scribe.commit(DANA, on(day, -2, "10:00"), "QA signs", tick(path, "Test report read", "Regression list"))
    late = "fix: coasts that cross a time zone"
    scribe.commit(BEN, on(day, -1, "09:00"), late, _function(COAST, "zones"))
    scribe.commit(BEN, on(day, -1, "10:00"), "Development signs", tick(path, "Design of every", "Technical debt"))
    clear_to_deploy(scribe, day)
    squash = "Security and product sign (#44)\n\nCo-authored-by: Mei Chen <mei@tidepool.example>"
    both = tick(path, "Scan findings", "Nothing secret", "What was promised", "Known issues")
    scribe.commit(PRIYA, on(day, 0, "12:00"), squash, both, committer=FORGE)
    # What the security lead has signed is changed under the signature.
    softer = replace(path, "Scan findings judged one by one", "Scan findings looked at")
    scribe.commit(BEN, on(day, 0, "10:20"), "Shorter sentences", softer)
    scribe.commit(TOMAS, on(day, 0, "14:00"), "Ready", tick(path, "Every role", "**READY", "Version number"))


def _roles_of_2_1(scribe: Scribe, path: str, day: str) -> None:
    """All sign in time; one of them with a clock that is three days behind."""
    scribe.commit(BEN, on(day, -1, "10:00"), "Development signs", tick(path, "Design of every", "Technical debt"))
    clear_to_deploy(scribe, day)
    scribe.commit(DANA, on(day, 0, "06:00"), "QA signs", tick(path, "Test report read", "Regression list"))
    scribe.commit(PRIYA, on(day, -4, "20:00"), "Security signs", tick(path, "Scan findings", "Nothing secret"))
    scribe.commit(MEI, on(day, 0, "20:00"), "Product signs", tick(path, "What was promised", "Known issues"))
    scribe.commit(TOMAS, on(day, 0, "14:00"), "Ready", tick(path, "Every role", "**READY", "Version number"))


def _count_by_hand(scribe: Scribe, path: str, when: str) -> None:
    """A completion table is written from memory: rows and total disagree with the boxes."""
    scribe.commit(MEI, when, "Add a table of what is done", append(path, texts.COUNTED_BY_HAND))


def _mistakes() -> Edit:
    """Slips that a linter finds: no space before a box, a capital mark, a hole left open."""
    path = "checklists/v2.2.0.md"

    def edit(files: dict[str, str]) -> None:
        for each in (
            replace(path, "- [ ] Retrospective held", "-[ ] Retrospective held"),
            replace(path, "- [ ] CHANGELOG.md has", "- [X] CHANGELOG.md has"),
            append(path, texts.IN_FLIGHT_NOTES + "- Harbour master to ask: [NAME_OF_HARBOUR_MASTER]\n"),
        ):
            each(files)

    return edit


def _subjects(scribe: Scribe) -> list[tuple[str, str]]:
    commits = [thing for thing in scribe.objects if thing.type == "commit"]
    return [(thing.id, thing.content.decode().partition("\n\n")[2].split("\n")[0]) for thing in commits]
