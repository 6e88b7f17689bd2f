"""Code of the program's templates lies beside them, and is run only where it was made from the same."""

from __future__ import annotations

import sys
from pathlib import Path

import jinja2
import pytest

from checktrail.site.compiled import Beside


def said(folder: Path) -> str:
    """What the template of a folder says, in an environment that has seen none yet."""
    loader = jinja2.FileSystemLoader(folder)
    return jinja2.Environment(loader=loader, autoescape=True, bytecode_cache=Beside()).get_template("a.j2").render()


def code_of(folder: Path) -> Path:
    return next((folder / "__pycache__").glob("a.*.pyc"))


@pytest.fixture(autouse=True)
def _python_keeps_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)


def test_code_is_read_back_until_its_template_changes(tmp_path: Path) -> None:
    (tmp_path / "a.j2").write_text("harbour")
    assert said(tmp_path) == "harbour"
    kept = code_of(tmp_path).read_bytes()
    assert b"harbour" in kept
    code_of(tmp_path).write_bytes(kept.replace(b"harbour", b"lantern"))
    assert said(tmp_path) == "lantern", "the code was compiled anew"
    (tmp_path / "a.j2").write_text("anchor")
    assert said(tmp_path) == "anchor"
    assert said(tmp_path) == "anchor"


@pytest.mark.parametrize("size", [0, 10, 80])
def test_damaged_code_is_compiled_anew(tmp_path: Path, size: int) -> None:
    (tmp_path / "a.j2").write_text("harbour")
    said(tmp_path)
    code_of(tmp_path).write_bytes(code_of(tmp_path).read_bytes()[:size])
    assert said(tmp_path) == "harbour"
    assert b"harbour" in code_of(tmp_path).read_bytes()


def test_nothing_is_written_where_python_writes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.j2").write_text("harbour")
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert said(tmp_path) == "harbour"
    assert not (tmp_path / "__pycache__").exists()
