"""Two hundred SSH signatures checked in process, against git's own way to check them; the promise is ten times faster.

    python benchmarks/signatures.py [COMMITS]

The same commits, signed by keys of three kinds in turn, with the same allowed signers: `git log --format=%G?`, which
starts `ssh-keygen` for each of them, and `verify`. CPU seconds of the processes, the lowest of three runs each, in
turn. Ours is given with and without the git process that reads the objects. Ends with 1 when the promise is broken.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from checktrail.git import RawObject, Repository
from checktrail.signatures.check import verify
from checktrail.signatures.trust import AllowedSigners, Trust, read_allowed_signers
from checktrail.signatures.verification import Outcome

PROMISED = 10
KINDS = (("ed25519", ()), ("ecdsa", ("-b", "256")), ("rsa", ("-b", "3072")))
RUNS = 3


def main() -> None:
    commits = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, commits)
        repository = Repository.open(folder)
        ids = run(folder, "log", "--format=%H").split()
        signers = read_allowed_signers((folder / "allowed").read_text())
        found = list(repository.objects(ids))
        git, whole, alone = (
            min(times)
            for times in zip(*[(
                seconds(lambda: by_git(folder, commits)),
                seconds(lambda: by_us(repository.objects(ids), signers)),
                seconds(lambda: by_us(found, signers)),
            ) for _ in range(RUNS)], strict=True)
        )  # fmt: skip
    print(f"{commits} SSH signatures of {len(KINDS)} kinds (promised: {PROMISED} times faster than git)")
    print(f"git log --format=%G?    {git:6.2f} s")
    print(f"read and checked by us  {whole:6.3f} s  {git / whole:4.0f} times faster")
    print(f"checked alone           {alone:6.3f} s  {git / alone:4.0f} times faster")
    sys.exit(git < PROMISED * whole)


def by_git(folder: Path, commits: int) -> None:
    assert run(folder, "log", "--format=%G?").split() == ["G"] * commits


def by_us(objects: Iterable[RawObject], signers: AllowedSigners) -> None:
    assert all(one.outcome is Outcome.VALID and one.vouchers for one in verify(objects, Trust(allowed=signers)))


def seconds(work: Callable[[], None]) -> float:
    start = sum(os.times()[:4])
    work()
    return sum(os.times()[:4]) - start


def make(folder: Path, commits: int) -> None:
    run(folder, "init", "-q", "-b", "main")
    for setting in (
        "gpg.format=ssh",
        "gpg.ssh.allowedSignersFile=allowed",
        "user.name=Ana",
        "user.email=ana@example.org",
    ):
        run(folder, "config", *setting.split("="))
    lines = []
    for kind, options in KINDS:
        subprocess.run(["ssh-keygen", "-q", "-t", kind, *options, "-N", "", "-f", str(folder / kind)], check=True)
        lines.append(f"ana@example.org {(folder / f'{kind}.pub').read_text()}")
    (folder / "allowed").write_text("".join(lines))
    for number in range(commits):
        key = folder / KINDS[number % len(KINDS)][0]
        message = f"--message=Commit {number}"
        run(folder, "-c", f"user.signingkey={key}", "commit", "-q", "-S", "--allow-empty", message)


def run(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder).stdout


if __name__ == "__main__":
    main()
