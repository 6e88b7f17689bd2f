"""A repository in, the files that `init` would make in it out. Pure.

Only what is missing is made. The workflows ask for no more rights than each job needs, take what others can set only
through the environment, and never commit: a bot must not become the one who ticked.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NamedTuple


class SetupFile(NamedTuple):
    """A file that `init` makes: its path and its text."""

    path: str
    text: str


class Asked(NamedTuple):
    """What somebody asked `init` for.

    `ci` is `github`, `gitlab` or `none`; `checklist` is the first checklist, None where the repository has one.
    `tool` is the version of checktrail that CI installs.
    """

    product: str
    branch: str
    ci: str
    comment: bool
    checklist: SetupFile | None
    tool: str


def setup_files(asked: Asked, template: Callable[[str], str], *, has_docs: bool) -> tuple[SetupFile, ...]:
    """Everything a repository needs, in the order in which a person would read it.

    Args:
        asked: what was asked for.
        template: a shipped set-up file's text by its name.
        has_docs: whether the folder that MkDocs reads pages from is there.
    """
    files = [asked.checklist] if asked.checklist is not None else []
    files += [
        SetupFile("checktrail.toml", template("checktrail.toml")),
        _filled("mkdocs.yml", "mkdocs.yml", asked, template),
    ]
    if not has_docs:
        files.append(SetupFile("docs/about.md", template("about.md")))
    files.append(SetupFile(".gitignore", "# The built site\n/site/\n"))
    if asked.ci == "github":
        files.append(_filled(".github/workflows/checklists.yml", "github/check.yml", asked, template))
        files.append(_filled(".github/workflows/release-site.yml", "github/publish.yml", asked, template))
        if asked.comment:
            files.append(_filled(".github/workflows/checklists-comment.yml", "github/comment.yml", asked, template))
    if asked.ci == "gitlab":
        files.append(_filled(".gitlab-ci.yml", "gitlab-ci.yml", asked, template))
    return tuple(files)


def _filled(path: str, name: str, asked: Asked, template: Callable[[str], str]) -> SetupFile:
    """A set-up file with its holes filled, as text inside double quotes, which YAML reads as JSON does."""
    text = template(name)
    for hole, value in (("__PRODUCT__", asked.product), ("__BRANCH__", asked.branch), ("__TOOL__", asked.tool)):
        text = text.replace(hole, json.dumps(value)[1:-1])
    return SetupFile(path, text)
