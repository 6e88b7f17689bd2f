"""What is remembered between runs: never needed, never stale, never in the way."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checktrail.model import Checklist, Command, Item, Phase, Section, State, Step
from checktrail.parse import read
from checktrail.store import Store, cache_folder, pack, unpack

TEXT = b"""# Release

## Testing

- [x] Tests pass
  - [ ] on Windows (if applicable)

1. Stop it
   ```sh
   stop
   ```
"""


def makes(log: list[str]) -> object:
    def make(keys: Sequence[str]) -> Iterator[tuple[str, Checklist]]:
        for key in keys:
            log.append(key)
            yield key, read(TEXT)

    return make


def test_what_was_made_once_is_not_made_again(tmp_path: Path) -> None:
    made: list[str] = []
    first = Store.open(tmp_path).remembered("checklist", "1", ["a", "b", "a"], makes(made), Checklist)  # type: ignore[arg-type]
    again = Store.open(tmp_path).remembered("checklist", "1", ["b", "c"], makes(made), Checklist)  # type: ignore[arg-type]
    assert made == ["a", "b", "c"]
    assert first["a"] == again["b"] == read(TEXT)
    newer = Store.open(tmp_path).remembered("checklist", "2", ["a"], makes(made), Checklist)  # type: ignore[arg-type]
    assert made[-1] == "a"
    assert newer == {"a": read(TEXT)}


def test_a_checklist_comes_back_as_it_went() -> None:
    whole = Checklist(
        "T", 1, (Section((), 0, 1, Phase.PREPARE), Section(("A",), 2, 3, Phase.SIGNOFF, 0, "QA Lead")),
        (Item(4, 4, 2, State.TICKED, "\n", "text", 1, owners=("@a",), typed_dates=("2024-01-01",)),),
        steps=(Step(9, 1, "Stop", (Command("sh", "stop"),), 1),),
    )  # fmt: skip
    assert unpack(pack(whole), Checklist) == whole
    assert unpack(pack(read(TEXT)), Checklist) == read(TEXT)


@given(st.text())
def test_any_text_comes_back_as_it_went(text: str) -> None:
    checklist = read(text.encode("utf-8", "surrogatepass"))
    assert unpack(pack(checklist), Checklist) == checklist


def test_a_damaged_value_is_made_again(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    store.put("checklist", "1", {"a": b"not json", "b": b"[1,2]", "c": pack(read(TEXT))})
    made: list[str] = []
    found = store.remembered("checklist", "1", ["a", "b", "c"], makes(made), Checklist)  # type: ignore[arg-type]
    assert made == ["a", "b"]
    assert set(found) == {"a", "b", "c"}


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "store-1.sqlite"
    path.write_bytes(b"this was never a database" * 1000)
    store = Store.open(tmp_path)
    store.put("k", "1", {"a": b"1"})
    assert Store.open(tmp_path).get("k", "1", ["a"]) == {"a": b"1"}
    assert not store.why_not


def test_a_folder_that_cannot_be_made_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    store = Store.open(tmp_path / "file" / "cache")
    store.put("k", "1", {"a": b"1"})
    assert store.get("k", "1", ["a"]) == {}
    assert "cannot be used" in store.why_not


def test_a_store_that_others_hold_locked_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store.open(tmp_path).put("k", "1", {"a": b"1"})
    monkeypatch.setattr("checktrail.store.PATIENCE_SECONDS", 0.01)
    store = Store.open(tmp_path)
    with closing(sqlite3.connect(tmp_path / "store-1.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        store.put("k", "1", {"b": b"2"})
    assert "locked" in store.why_not
    assert Store.open(tmp_path).get("k", "1", ["a", "b"]) == {"a": b"1"}


def test_many_runs_may_write_at_once(tmp_path: Path) -> None:
    together = threading.Barrier(4)
    refused: list[str] = []

    def write() -> None:
        together.wait()
        store = Store.open(tmp_path)
        for number in range(50):
            store.put("k", "1", {f"{number}": b"value"})
        refused.append(store.why_not)
        store.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == [""] * 4
    assert len(Store.open(tmp_path).get("k", "1", [str(number) for number in range(50)])) == 50


def test_the_cache_folder_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHECKTRAIL_CACHE_DIR", str(tmp_path / "mine"))
    assert cache_folder() == tmp_path / "mine"
    monkeypatch.delenv("CHECKTRAIL_CACHE_DIR")
    assert cache_folder().name == "checktrail"
