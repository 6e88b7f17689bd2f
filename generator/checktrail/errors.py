"""What stops a run: a slug to look up, one sentence that names the place, and a way out.

Findings are values; only what makes going on impossible is raised. The doors (command line, plugin) catch
`ChecktrailError` and nothing else, so that a bug keeps its traceback.
"""

from __future__ import annotations


class ChecktrailError(Exception):
    """A run cannot go on.

    Args:
        sentence: one clear sentence that names the place.
        hint: what to do now; shown on a line of its own. Empty when there is nothing to do.
    """

    slug = "error"
    exit_code = 2

    def __init__(self, sentence: str, *, hint: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint


class ConfigError(ChecktrailError):
    """A setting is unknown or holds what it cannot hold."""

    slug = "configuration"


class UsageError(ChecktrailError):
    """A command was asked for something that does not exist or cannot be decided."""

    slug = "usage"


class GitError(ChecktrailError):
    """Git is missing, refused, or answered what we cannot read."""

    slug = "git"


class NoRepositoryError(GitError):
    """There is no git repository here."""

    slug = "no-repository"


class MissingObjectError(GitError):
    """A content that an answer needs is not in the repository."""

    slug = "missing-object"


class ShallowCloneError(GitError):
    """History is needed and this clone holds only a part of it."""

    slug = "shallow-clone"


class InputError(ChecktrailError):
    """A file or document cannot be read."""

    slug = "input"


class OutputError(ChecktrailError):
    """An output cannot be written; what stood there before still stands."""

    slug = "output"


class InvariantError(ChecktrailError):
    """A promise that every run checks does not hold: a bug of ours, never passed over in silence."""

    slug = "invariant"


def shown(text: object) -> str:
    """Text from outside, safe to put into a sentence: no control characters, no lone surrogates."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in str(text))
