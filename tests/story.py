"""A git history told as a story: real repositories, dates from the story, nobody's own git configuration."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

_PEOPLE = {
    "Ada": "ada@example.org", "Ben": "ben@example.org", "Cleo": "cleo@example.org",
    "Dana": "dana@example.org", "Eli": "eli@example.org", "GitHub": "noreply@github.com",
}  # fmt: skip


class Story:
    """A repository under construction; every method returns what the story may want to name later."""

    def __init__(self, folder: Path, *, bare_name: str = "repository") -> None:
        self.root = folder / bare_name
        self.root.mkdir(parents=True)
        self._clock = datetime(2024, 1, 1, 9, 0, tzinfo=UTC)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, by: str = "Ada", committer: str | None = None, feed: bytes | None = None) -> str:
        """Run git in the repository as somebody at the story's time; its output, stripped."""
        stamp = f"{int(self._clock.timestamp())} +0000"
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.root), "LC_ALL": "C", "TZ": "UTC",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": by, "GIT_AUTHOR_EMAIL": email(by), "GIT_AUTHOR_DATE": stamp,
            "GIT_COMMITTER_NAME": committer or by, "GIT_COMMITTER_EMAIL": email(committer or by),
            "GIT_COMMITTER_DATE": stamp,
        }  # fmt: skip
        run = subprocess.run(
            ["git", *arguments], cwd=self.root, env=environment, capture_output=True, check=False, input=feed
        )
        if run.returncode:
            message = f"git {' '.join(arguments)}: {run.stderr.decode(errors='replace')}"
            raise AssertionError(message)
        return run.stdout.decode("utf-8", "surrogateescape").strip()

    def at(self, on: str | None) -> None:
        """Set the clock (`2024-05-01`, or with `T10:30`), or let an hour pass."""
        if on is None:
            self._clock += timedelta(hours=1)
        else:
            moment = datetime.fromisoformat(on)
            self._clock = moment.replace(tzinfo=UTC) if "T" in on else moment.replace(hour=12, tzinfo=UTC)

    def write(self, path: str, text: str | bytes) -> Story:
        """Put a file into the next commit."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode())
        self.git("--literal-pathspecs", "add", "--", path)
        return self

    def remove(self, path: str) -> Story:
        """Take a file away in the next commit."""
        self.git("rm", "--quiet", "--", path)
        return self

    def move(self, old: str, new: str) -> Story:
        """Rename a file in the next commit."""
        (self.root / new).parent.mkdir(parents=True, exist_ok=True)
        self.git("mv", "--", old, new)
        return self

    def tick(self, path: str, *texts: str) -> Story:
        """Tick the items whose line holds these texts."""
        return self._flip(path, texts, "[ ]", "[x]")

    def untick(self, path: str, *texts: str) -> Story:
        """Untick the items whose line holds these texts."""
        return self._flip(path, texts, "[x]", "[ ]")

    def replace(self, path: str, old: str, new: str) -> Story:
        """Change some text of a file, which must be there."""
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {path}"
        return self.write(path, text.replace(old, new))

    def _flip(self, path: str, texts: tuple[str, ...], old: str, new: str) -> Story:
        lines = (self.root / path).read_text(encoding="utf-8").split("\n")
        for text in texts:
            hits = [number for number, line in enumerate(lines) if text in line and old in line]
            assert hits, f"no {old} with {text!r} in {path}"
            lines[hits[0]] = lines[hits[0]].replace(old, new, 1)
        return self.write(path, "\n".join(lines))

    def commit(
        self, message: str = "Work", *, by: str = "Ada", on: str | None = None, committer: str | None = None
    ) -> str:
        """Commit what was written (or nothing); the commit's id."""
        self.at(on)
        self.git(
            "commit", "--quiet", "--allow-empty", "--no-verify", f"--message={message}", by=by, committer=committer
        )
        return self.git("rev-parse", "HEAD")

    def tag(
        self, name: str, *, message: str | None = None, by: str = "Ada", on: str | None = None, at: str = "HEAD"
    ) -> str:
        """Tag a commit: annotated when there is a message; the object's id."""
        self.at(on)
        if message is None:
            self.git("tag", "--end-of-options", name, at, by=by)
        else:
            self.git("tag", "--annotate", f"--message={message}", "--end-of-options", name, at, by=by)
        return self.git("rev-parse", f"refs/tags/{name}")

    def branch(self, name: str, at: str = "HEAD") -> Story:
        """Make a branch and go there."""
        self.git("checkout", "--quiet", "-b", name, at)
        return self

    def checkout(self, name: str) -> Story:
        """Go to a branch or commit."""
        self.git("checkout", "--quiet", name)
        return self

    def merge(
        self, *names: str, by: str = "Ada", on: str | None = None, message: str = "Merge", strategy: str | None = None
    ) -> str:
        """Merge branches with a merge commit; the commit's id."""
        self.at(on)
        options = (f"--strategy={strategy}",) if strategy else ()
        self.git("merge", "--quiet", "--no-ff", f"--message={message}", *options, *names, by=by)
        return self.git("rev-parse", "HEAD")

    def merge_with(self, name: str, files: dict[str, str], *, by: str = "Ada", on: str | None = None) -> str:
        """Merge a branch and set some files in the merge commit itself, conflicts or not; the commit's id."""
        self.at(on)
        try:
            self.git("merge", "--quiet", "--no-ff", "--no-commit", name, by=by)
        except AssertionError:
            assert (self.root / ".git" / "MERGE_HEAD").is_file()
        for path, text in files.items():
            self.write(path, text)
        self.git("commit", "--quiet", "--no-verify", "--message=Merge", by=by)
        return self.git("rev-parse", "HEAD")


def email(name: str) -> str:
    """A person's address in every story."""
    return _PEOPLE.get(name) or f"{name.lower().replace(' ', '.')}@example.org"
