"""Every kind of clone: each makes one of a repository into a folder and tells where it is.

`SAME` must give the answers of a plain clone; `FEWER` lack something and must say so.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType


def git(folder: Path, *arguments: str, ok: tuple[int, ...] = (0,)) -> str:
    """What git prints, nobody's configuration asked."""
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org",
    }  # fmt: skip
    run = subprocess.run(
        ["git", "-C", str(folder), "-c", "protocol.file.allow=always", *arguments],
        env=environment,
        capture_output=True,
        check=False,
    )
    assert run.returncode in ok, (arguments, run.stderr)
    return run.stdout.decode("utf-8", "surrogateescape").strip()


def clone(source: Path, target: Path, *options: str) -> Path:
    """A clone over git's own protocol, as from another machine that gives parts too."""
    git(source, "config", "uploadpack.allowFilter", "true")
    git(source, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(source, "clone", "--quiet", *options, source.as_uri(), str(target))
    return target


def bare(source: Path, target: Path) -> Path:
    """Without files."""
    return clone(source, target, "--bare")


def mirror(source: Path, target: Path) -> Path:
    """Without files, every reference where it is at its source."""
    return clone(source, target, "--mirror")


def alternates(source: Path, target: Path) -> Path:
    """Without objects of its own."""
    git(source, "clone", "--quiet", "--shared", str(source), str(target))
    return target


def packed(source: Path, target: Path) -> Path:
    """References and objects packed, with every index that git can make of them."""
    clone(source, target)
    git(target, "pack-refs", "--all")
    git(target, "repack", "-adbq", "--write-midx")
    git(target, "commit-graph", "write", "--reachable", "--changed-paths")
    return target


def loose(source: Path, target: Path) -> Path:
    """Every object in a file of its own."""
    git(
        source,
        "-c",
        "fetch.unpackLimit=1000000",
        "clone",
        "--quiet",
        "-c",
        "fetch.unpackLimit=1000000",
        source.as_uri(),
        str(target),
    )
    for pack in (target / ".git" / "objects" / "pack").glob("*.pack"):
        moved = pack.rename(target / ".git" / pack.name)
        with moved.open("rb") as stream:
            subprocess.run(["git", "-C", str(target), "unpack-objects", "-q"], stdin=stream, check=True)
    return target


def bundle(source: Path, target: Path) -> Path:
    """From a bundle that came by post."""
    git(source, "bundle", "create", "--quiet", str(target.with_suffix(".bundle")), "--all")
    git(source, "clone", "--quiet", str(target.with_suffix(".bundle")), str(target), "--branch", "main")
    return target


def worktree(source: Path, target: Path) -> Path:
    """A second work tree, detached."""
    clone(source, target.with_name(f"{target.name}-main"))
    git(target.with_name(f"{target.name}-main"), "worktree", "add", "--quiet", "--detach", str(target))
    return target


def elsewhere(source: Path, target: Path) -> Path:
    """Its own folder outside of the work tree."""
    return clone(source, target, f"--separate-git-dir={target}.separate")


def submodule(source: Path, target: Path) -> Path:
    """A submodule of another repository."""
    above = target.with_name(f"{target.name}-above")
    git(source, "init", "--quiet", str(above))
    git(above, "submodule", "--quiet", "add", source.as_uri(), "inner")
    git(above, "commit", "--quiet", "-m", "With a submodule")
    return above / "inner"


def inside(source: Path, target: Path) -> Path:
    """Asked from a folder deep in it."""
    deep = clone(source, target) / "deep" / "down"
    deep.mkdir(parents=True)
    return deep


def windows(source: Path, target: Path) -> Path:
    """Files as a clone on Windows has them: other line ends, links as texts, no difference of cases, no modes."""
    shaped = ("core.autocrlf=true", "core.symlinks=false", "core.ignorecase=true", "core.fileMode=false")
    return clone(source, target, *(part for setting in shaped for part in ("-c", setting)))


def macos(source: Path, target: Path) -> Path:
    """Files as a clone on macOS has them: no difference of cases, composed names."""
    return clone(source, target, "-c", "core.ignorecase=true", "-c", "core.precomposeunicode=true")


def sparse(source: Path, target: Path) -> Path:
    """With few of the files checked out."""
    clone(source, target, "--no-checkout")
    git(target, "sparse-checkout", "set", "--cone", "docs")
    git(target, "checkout", "--quiet")
    return target


def replaced(source: Path, target: Path) -> Path:
    """Replace references tell git's users of another history."""
    clone(source, target)
    git(target, "replace", "HEAD", "HEAD~2")
    return target


def grafted(source: Path, target: Path) -> Path:
    """A graft does the same."""
    clone(source, target)
    (target / ".git" / "info").mkdir(exist_ok=True)
    (target / ".git" / "info" / "grafts").write_text(git(target, "rev-parse", "HEAD") + "\n")
    return target


def shallow(source: Path, target: Path) -> Path:
    """History cut off."""
    return clone(source, target, "--depth=3", "--no-single-branch")


def blobless(source: Path, target: Path) -> Path:
    """No contents but HEAD's."""
    return clone(source, target, "--filter=blob:none")


def treeless(source: Path, target: Path) -> Path:
    """No trees but HEAD's."""
    return clone(source, target, "--filter=tree:0")


def bare_blobless(source: Path, target: Path) -> Path:
    """No contents at all."""
    return clone(source, target, "--bare", "--filter=blob:none")


def bare_treeless(source: Path, target: Path) -> Path:
    """Nothing but commits and tags."""
    return clone(source, target, "--bare", "--filter=tree:0")


def limited(source: Path, target: Path) -> Path:
    """No large contents."""
    return clone(source, target, "--filter=blob:limit=100")


def damaged(source: Path, target: Path) -> Path:
    """A content of an earlier commit lost, as by a bad disk."""
    loose(source, target)
    tree = git(target, "rev-list", "--objects", "HEAD~5", "--not", "HEAD~6").splitlines()
    lost = next((row.split()[0] for row in reversed(tree) if row.endswith(".md")), None)
    if lost is not None:
        (target / ".git" / "objects" / lost[:2] / lost[2:]).unlink(missing_ok=True)
    return target


Form = Callable[[Path, Path], Path]


def _named(*forms: Form) -> Mapping[str, Form]:
    return MappingProxyType({form.__name__: form for form in forms})


SAME: Mapping[str, Form] = _named(
    bare, mirror, alternates, packed, loose, bundle, worktree, elsewhere, submodule, inside, windows, macos, sparse,
    replaced, grafted,
)  # fmt: skip
FEWER: Mapping[str, Form] = _named(
    shallow, blobless, treeless, bare_blobless, bare_treeless, limited, damaged
)  # fmt: skip
