"""What is shipped is what works: the built wheel, with the source tree out of reach."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from story import Story

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.build


def run(arguments: list[str], folder: Path, wheel_folder: Path) -> subprocess.CompletedProcess[str]:
    """A Python that finds the wheel's files before anything else, far from the source tree."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(wheel_folder),
        "CHECKTRAIL_CACHE_DIR": str(folder / "cache"),
    }
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a copy of the tracked source tree, so that nothing untracked is shipped by chance."""
    if not (ROOT / "pyproject.toml").is_file():
        pytest.skip("there is no source tree to build from")
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(source)], check=True, capture_output=True)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's files, unpacked into a folder of their own."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_the_wheel_holds_the_templates_the_schemas_and_the_definitions(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for wanted in (
        "checktrail/py.typed",
        "checktrail/schemas/status-1.schema.json",
        "checktrail/templates/checklists/product-release.md",
    ):
        assert wanted in names, sorted(name for name in names if "templates" in name or "schemas" in name)
    assert any(name.startswith("checktrail/templates/pages/") for name in names)
    assert not any(name.startswith(("tests/", "generator/")) for name in names)


def test_the_wheel_runs_with_the_source_tree_out_of_reach(installed: Path, tmp_path: Path) -> None:
    where = run(["-c", "import checktrail; print(checktrail.__file__)"], tmp_path, installed)
    assert where.stdout.startswith(str(installed)), where.stdout + where.stderr
    story = Story(tmp_path)
    story.write("RELEASE.md", "# Release checklist\n\n## Testing\n\n- [x] Tests pass\n- [ ] Notes written\n").commit()
    story.tag("v1.0")
    status = run(["-m", "checktrail", "-C", str(story.root), "status"], tmp_path, installed)
    assert status.returncode == 0, status.stderr
    assert "1 of 2" in status.stdout
    built = run(
        ["-m", "checktrail", "-C", str(story.root), "build", "--site-dir", str(tmp_path / "out")], tmp_path, installed
    )
    assert built.returncode == 0, built.stdout + built.stderr
    assert (tmp_path / "out" / "index.html").is_file()
    new = run(["-m", "checktrail", "-C", str(story.root), "new", "1.1"], tmp_path, installed)
    assert new.returncode == 0, new.stderr


def test_two_builds_of_one_commit_give_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    source = wheel.parent / "source"
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    (again,) = tmp_path.glob("*.whl")
    assert again.read_bytes() == wheel.read_bytes()
