"""The repositories of a portfolio read by a Dask cluster of this machine."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checktrail.portfolio import cluster
from checktrail.portfolio.cluster import read_on_cluster
from checktrail.portfolio.reading import Read
from portfolio_story import cached, files, made, many

distributed: Any = pytest.importorskip("distributed", reason="dask is not installed: pip install 'checktrail[dask]'")


@pytest.fixture(scope="module")
def clones(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("dask")
    with cached(folder / "cache"):
        yield many(folder, 4, 2)


@pytest.fixture(scope="module")
def scheduler(clones: Path) -> Iterator[str]:
    """The address of a scheduler with two workers, processes of their own, which inherit this test's cache."""
    del clones
    with (
        warnings.catch_warnings(action="ignore"),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as running,
    ):
        yield running.scheduler_address


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_gives_what_processes_give_byte_for_byte(
    clones: Path, scheduler: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    dask = ("--scheduler", "dask", "--scheduler-address", scheduler)
    assert made(str(clones), "--export-to", str(tmp_path / "cluster"), *dask) == 0
    assert "clone-002" in capfd.readouterr().err
    assert made(str(clones), "--export-to", str(tmp_path / "processes")) == 0
    assert files(tmp_path / "cluster") == files(tmp_path / "processes")


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_of_this_machine_is_started_where_none_is_named(clones: Path) -> None:
    places = [str(clones / "clone-000"), str(clones / "nowhere")]
    found = dict(read_on_cluster(places, "", 1, 300))
    assert isinstance(found[0], Read)
    assert getattr(found[1], "slug", "") == "missing"


@pytest.mark.filterwarnings("ignore")
def test_where_nobody_answers_a_sentence_says_so(
    clones: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cluster, "_CONNECT", 1)
    assert made(str(clones), "--scheduler", "dask", "--scheduler-address", "tcp://127.0.0.1:9") == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in capfd.readouterr().err


def test_without_dask_a_sentence_says_what_to_install(
    clones: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda _: None)
    assert made(str(clones), "--scheduler", "dask") == 2
    assert "pip install 'checktrail[dask]'" in capfd.readouterr().err


def test_an_address_without_dask_is_a_mistake(clones: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert made(str(clones), "--scheduler-address", "tcp://127.0.0.1:9") == 2
    assert "goes with --scheduler dask" in capfd.readouterr().err
