"""Histories that nobody would write down: ticks, resets, rewords, copies, renames and merges in any order."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from pathlib import Path

from story import Story

PEOPLE = ("Ada", "Ben", "Cleo", "Dana")
ROLES = ("QA lead", "Security lead", "Release manager", "Product owner")
PATHS = ("RELEASE.md", "checklists/v1.1.0.md", "checklists/v1.2.0.md")


class RandomStory:
    """A story told by dice; the same seed tells the same one."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.story = Story(folder)
        self.dice = random.Random(seed)  # noqa: S311 -- dice, no secret
        self.tags = 0
        self.story.write("RELEASE.md", self._sheet()).commit("Start")
        steps: Mapping[Callable[[], object], int] = {
            self._tick: 8, self._untick: 2, self._reword: 3, self._new: 2, self._tag: 3, self._branch: 2,
            self._merge: 3, self._remove: 1, self._move: 1, self._copy: 1,
        }  # fmt: skip
        for step in self.dice.choices(list(steps), weights=list(steps.values()), k=self.dice.randint(10, 30)):
            step()
        self._tag()

    def _sheet(self) -> str:
        prepare = "".join(f"- [ ] Prepare thing {number}\n" for number in range(self.dice.randint(1, 4)))
        signoff = "".join(f"- [ ] {role} sign-off\n" for role in self.dice.sample(ROLES, self.dice.randint(1, 4)))
        return f"# Release checklist\n\n## Preparation\n{prepare}\n## Sign-off\n{signoff}\n## Follow-up\n- [ ] Tell\n"

    def _files(self) -> list[str]:
        return sorted(str(path.relative_to(self.story.root)) for path in self.story.root.rglob("*.md"))

    def _file(self) -> tuple[str, list[str]]:
        path = self.dice.choice(self._files())
        return path, (self.story.root / path).read_text(encoding="utf-8").split("\n")

    def _put(self, path: str, lines: list[str]) -> None:
        self.story.write(path, "\n".join(lines)).commit("Change", by=self.dice.choice(PEOPLE))

    def _tick(self) -> None:
        path, lines = self._file()
        places = [number for number, line in enumerate(lines) if "[ ]" in line]
        for place in self.dice.sample(places, min(len(places), self.dice.randint(1, 3))):
            lines[place] = lines[place].replace("[ ]", "[x]")
        self._put(path, lines)

    def _untick(self) -> None:
        path, lines = self._file()
        self._put(path, [line.replace("[x]", "[ ]") for line in lines])

    def _reword(self) -> None:
        path, lines = self._file()
        place = self.dice.choice([number for number, line in enumerate(lines) if "] " in line])
        mark = self.dice.choice(("[ ]", "[x]"))
        lines[place] = f"{lines[place]} once more".replace("[ ]", mark)
        self._put(path, lines)

    def _new(self) -> None:
        mark = self.dice.choice(("[ ]", "[ ]", "[x]"))
        self._put(self.dice.choice(PATHS), self._sheet().replace("[ ]", mark).split("\n"))

    def _tag(self) -> None:
        self.tags += 1
        self.story.tag(f"v1.{self.tags}.0", message=self.dice.choice((None, "A release")))

    def _branch(self) -> None:
        self.story.branch(f"branch-{len(self.story.git('branch').splitlines())}")

    def _merge(self) -> None:
        self.story.checkout("main")
        others = self.story.git("branch", "--no-merged=HEAD", "--format=%(refname:short)").split()
        if not others:
            return
        other = self.dice.choice(others)
        try:
            self.story.merge(other)
        except AssertionError:  # a conflict: our side stands, and the other's ticks are dropped
            self.story.git("merge", "--abort")
            self.story.merge(other, strategy="ours")

    def _remove(self) -> None:
        if len(self._files()) > 1:
            self.story.remove(self._file()[0]).commit("Gone")

    def _move(self) -> None:
        path, _ = self._file()
        self.story.move(path, f"ops/{self.dice.randint(1, 10**6)}-release-checklist.md").commit("Moved")

    def _copy(self) -> None:
        _, lines = self._file()
        self._put(f"{self.dice.randint(1, 10**6)}-release-checklist.md", lines)
