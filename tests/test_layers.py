"""Arrows are tests: imports point one way, and what calls itself pure is."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import checktrail

PACKAGE = Path(checktrail.__file__).parent
PURE = (
    "model",
    "parse",
    "completion",
    "charts",
    "identity",
    "history",
    "releases",
    "binding",
    "notes",
    "metrics",
    "diff",
    "lint",
    "audit",
)
BANNED_MODULES = {"subprocess", "os", "pathlib", "socket", "shutil", "tempfile", "time", "random", "git", "sqlite3"}
BANNED_CALLS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}


def sources(name: str) -> list[Path]:
    single = PACKAGE / f"{name}.py"
    return [single] if single.is_file() else sorted((PACKAGE / name).rglob("*.py"))


def test_imports_point_one_way() -> None:
    pyproject = PACKAGE.parent.parent / "pyproject.toml"
    if not pyproject.is_file():
        pytest.skip("the layers are checked where the source tree is")
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--config", str(pyproject)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=pyproject.parent)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("name", PURE)
def test_what_calls_itself_pure_is(name: str) -> None:
    found = sources(name)
    assert found, f"{name} is not there"
    for source in found:
        tree = ast.parse(source.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                imported = {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported = {(node.module or "").split(".")[0]}
            else:
                imported = set()
            assert not imported & BANNED_MODULES, f"{source.name}:{getattr(node, 'lineno', 0)} imports {imported}"
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                assert (node.value.id, node.attr) not in BANNED_CALLS, f"{source.name}:{node.lineno} asks the clock"
            assert not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open"), (
                source
            )


def test_every_module_stands_in_the_map() -> None:
    lines = (checktrail.__doc__ or "").splitlines()
    told = {line.split()[0] for line in lines if line.startswith("    ") and line.strip()}
    there = {path.stem for path in PACKAGE.glob("*.py")} | {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert there - {"__init__", "__main__"} <= told, sorted(there - told)


def test_every_module_says_what_it_is() -> None:
    for source in PACKAGE.rglob("*.py"):
        assert ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))), source
