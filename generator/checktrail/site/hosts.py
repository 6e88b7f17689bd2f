"""A remote's address to links for commits, files and tags. Pure.

Only hosts whose forms of address are known give links; for any other there is none, and pages show plain text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

_SCP_FORM = re.compile(r"(?:[^@/\s]+@)?(?P<host>[A-Za-z0-9.-]+):(?!//)(?P<path>[^\s]+)")
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(?::\d+)?")


@dataclass(frozen=True, slots=True)
class Host:
    """Where a repository is seen by people: the kind of host and the repository's own address, without credentials."""

    kind: str
    address: str

    def commit(self, commit: str) -> str:
        """The page of a commit."""
        return f"{self.address}/{_COMMIT[self.kind]}/{_path(commit)}"

    def tag(self, tag: str) -> str:
        """The page of a tag."""
        return f"{self.address}/{_TAG[self.kind]}/{_path(tag)}"

    def file(self, revision: str, path: str, line: int | None = None) -> str:
        """A file at a revision, at a line when one is given."""
        plain = "?plain=1" if line is not None and self.kind == "github" else ""
        place = "" if line is None else f"#{_LINE[self.kind]}{line}"
        return f"{self.address}/{_FILE[self.kind]}/{_path(revision)}/{_path(path)}{plain}{place}"

    def edit(self, branch: str, path: str) -> str:
        """The host's editor for a file on a branch."""
        if self.kind == "bitbucket":
            return f"{self.file(branch, path)}?mode=edit"
        return f"{self.address}/{_EDIT[self.kind]}/{_path(branch)}/{_path(path)}"


_COMMIT = {"github": "commit", "gitlab": "-/commit", "bitbucket": "commits", "gitea": "commit"}
_TAG = {"github": "releases/tag", "gitlab": "-/tags", "bitbucket": "src", "gitea": "releases/tag"}
_FILE = {"github": "blob", "gitlab": "-/blob", "bitbucket": "src", "gitea": "src"}
_EDIT = {"github": "edit", "gitlab": "-/edit", "gitea": "_edit"}
_LINE = {"github": "L", "gitlab": "L", "bitbucket": "lines-", "gitea": "L"}


def host(remote: str | None) -> Host | None:
    """The host of a remote's address in any of git's forms; None for a folder, an unknown host or no remote."""
    place = _place(remote or "")
    if place is None:
        return None
    name, path = place
    kind = _kind(name)
    path = path.strip("/").removesuffix(".git")
    if kind is None or "/" not in path or not _HOST.fullmatch(name):
        return None
    return Host(kind, f"https://{name}/{_path(path)}")


def _place(remote: str) -> tuple[str, str] | None:
    """Host and path; user names, passwords and the ports of ssh are dropped."""
    if "://" not in remote:
        short = _SCP_FORM.fullmatch(remote)
        return (short["host"], short["path"]) if short and len(short["host"]) > 1 else None
    try:
        parts = urlsplit(remote)
        name, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if parts.scheme not in {"https", "http", "ssh", "git", "git+ssh"}:
        return None
    web = parts.scheme in {"https", "http"} and port is not None
    return (f"{name}:{port}" if web else name, parts.path)


def _kind(name: str) -> str | None:
    words = name.lower().split(":")[0].split(".")
    for word, kind in (("github", "github"), ("gitlab", "gitlab"), ("bitbucket", "bitbucket")):
        if word in words:
            return kind
    return "gitea" if {"gitea", "forgejo", "codeberg"} & set(words) else None


def _path(path: str) -> str:
    # Names and paths may hold bytes that are no text; an address holds bytes.
    return quote(path.encode("utf-8", "surrogateescape"))
