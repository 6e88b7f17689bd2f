"""Who appears in the demo, and what several of its chapters do alike. Pure.

Days are counted from a release's day, so that the people of the story have habits that the trails can show.
"""

from __future__ import annotations

from datetime import date, timedelta

from checktrail.demo.scribe import Author, Edit, Scribe, copy, reset, tick, waive

BEN = Author("Ben Okafor", "ben@tidepool.example", 0)
BEN_AT_HOME = Author("Ben Okafor", "ben.okafor@home.example", 0)
DANA = Author("Dana Reyes", "dana@tidepool.example", -300)
MEI = Author("Mei Chen", "mei@tidepool.example", 480)
PRIYA = Author("Priya Nair", "priya@tidepool.example", 330)
RAVI = Author("Ravi Kumar", "ravi@tidepool.example", 330)
TOMAS = Author("Tomas Lind", "tomas@tidepool.example", 60)
BOT = Author("tidepool-bot", "bot@tidepool.example", 0)
FORGE = Author("Forge", "noreply@forge.example", 0)

DEPLOYMENT = "checklists/deployment.md"
TEMPLATE = "checklists/templates/product-release.md"

CODE = ("Unit and integration tests pass", "Every change was reviewed", "Public interface compared")
SECURITY = ("Dependencies scanned",)
PERFORMANCE = ("Load test meets the budget", "Memory stays level")
DOCUMENTS = ("CHANGELOG.md has a section", "User guide matches")


def on(day: str, shift: int, clock: str) -> str:
    """The time so many days from a release's day: `on("2025-02-04", -2, "10:00")` is `2025-02-02 10:00`."""
    return f"{date.fromisoformat(day) + timedelta(days=shift)} {clock}"


def open_list(scribe: Scribe, version: str, day: str, shift: int, *edits: Edit) -> str:
    """Copy the template for a release; gives the new checklist's path."""
    path = f"checklists/{version}.md"
    fill = {"[VERSION]": version, "[RELEASE_DATE]": day}
    message = f"Open the checklist of {version}"
    scribe.commit(TOMAS, on(day, shift, "09:00"), message, copy(TEMPLATE, path, fill), *edits)
    return path


def prepare(scribe: Scribe, path: str, day: str) -> None:
    """The work before a release, done by the usual people on the usual days."""
    scribe.commit(BEN, on(day, -8, "11:20"), "Tick what the build shows", tick(path, *CODE))
    scribe.commit(DANA, on(day, -7, "10:05"), "No severe defect is open", tick(path, "No open defect"))
    scribe.commit(PRIYA, on(day, -6, "15:40"), "Dependencies are scanned", tick(path, *SECURITY))
    scribe.commit(DANA, on(day, -5, "09:30"), "Record the load test", tick(path, *PERFORMANCE))
    scribe.commit(MEI, on(day, -4, "17:10"), "The guide and the changelog are ready", tick(path, *DOCUMENTS))


def rehearse(scribe: Scribe, day: str, *, schema_changed: bool) -> None:
    """The living list three and two days before the tag: Ravi, then Ben, in every release."""
    migrations = "Migrations rehearsed on a copy of production (if the schema changed)"
    rehearsed = tick(DEPLOYMENT, migrations) if schema_changed else waive(DEPLOYMENT, migrations, "same schema")
    scribe.commit(RAVI, on(day, -3, "14:00"), "Agree the window with support", tick(DEPLOYMENT, "Maintenance window"))
    scribe.commit(BEN, on(day, -2, "13:15"), "Back up and rehearse", tick(DEPLOYMENT, "Database backup"), rehearsed)


def clear_to_deploy(scribe: Scribe, day: str) -> None:
    """The living list on the last day: Ravi looks, and in the morning operations agree."""
    scribe.commit(RAVI, on(day, -1, "16:45"), "Look at the dashboards", tick(DEPLOYMENT, "Dashboards and alerts"))
    scribe.commit(RAVI, on(day, 0, "11:00"), "Operations agree to deploy", tick(DEPLOYMENT, "Operations lead approval"))


def deploy(scribe: Scribe, day: str, *, schema_changed: bool) -> None:
    """The evening of a release: deployment and verification, tick by tick."""
    applied = "Migrations applied (if the schema changed)"
    migrated = tick(DEPLOYMENT, applied) if schema_changed else waive(DEPLOYMENT, applied, "same schema")
    scribe.commit(RAVI, on(day, 0, "22:30"), "Start the deployment", tick(DEPLOYMENT, "Deployment started"))
    scribe.commit(RAVI, on(day, 0, "22:48"), "Migrations, then every instance", migrated, _instances())
    scribe.commit(RAVI, on(day, 0, "23:05"), "The new version is in service", tick(DEPLOYMENT, "Deployment done"))
    scribe.commit(RAVI, on(day, 0, "23:20"), "Every instance answers", tick(DEPLOYMENT, "Health endpoint answers"))


def verify(scribe: Scribe, path: str, day: str) -> None:
    """The days after a release."""
    compared = tick(DEPLOYMENT, "Tables of three harbours", "Error rate below")
    scribe.commit(DANA, on(day, 1, "09:40"), "Compare with the almanac", compared)
    scribe.commit(
        BEN, on(day, 1, "16:00"), "Watch the first day", tick(path, "Published package", "Error rate watched")
    )
    scribe.commit(
        RAVI, on(day, 2, "15:30"), "Tidy up after the night", tick(DEPLOYMENT, "Maintenance page", "Times of")
    )


def publish(scribe: Scribe, path: str, day: str) -> None:
    """What nobody can tick in the tag's own tree."""
    done = tick(path, "Annotated tag", "Packages built", "Release notes published")
    scribe.commit(TOMAS, on(day, 0, "17:50"), "Published", done)


def close(scribe: Scribe, path: str, day: str, shift: int = 9) -> None:
    """The retrospective; then the living list is emptied and a new cycle begins."""
    scribe.commit(MEI, on(day, shift, "14:00"), "Hold the retrospective", tick(path, "Retrospective held"))
    scribe.commit(TOMAS, on(day, shift, "15:00"), "Empty the deployment checklist", reset(DEPLOYMENT))


def _instances() -> Edit:
    return tick(DEPLOYMENT, "Every instance runs")
