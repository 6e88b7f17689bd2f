"""Every place read on the machines of a Dask cluster, which all see the same paths and have this version installed.

In: places, and where the scheduler is; without one a cluster of this machine is started and ended. Out: what each
gives, as soon as it is there. Dask is an extra, and is imported here alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from typing import Any, Final

from checktrail.errors import UsageError
from checktrail.portfolio.reading import Failed, Reading, read_place

_MOMENT: Final = "SOURCE_DATE_EPOCH"
_CONNECT: Final = 30


def read_on_cluster(places: Sequence[str], address: str, jobs: int, timeout: float) -> Iterator[tuple[int, Reading]]:
    """Each place's index with what it gives, in the order in which they end.

    Args:
        places: what to read; absolute paths.
        address: the scheduler's, as `tcp://host:8786`; empty for a cluster of this machine.
        jobs: how many workers such a cluster has.
        timeout: seconds after which nothing more is awaited, since the last answer; 0 waits for ever.

    Raises:
        UsageError: Dask is not installed, or nobody answers at the address.
    """
    if find_spec("distributed") is None:
        raise UsageError("Dask is not installed", hint="pip install 'checktrail[dask]', or leave --scheduler out")
    import distributed

    dask: Any = distributed  # it has types for a part of itself

    with ExitStack() as stack:
        client = stack.enter_context(_client(dask, stack, address, jobs))
        moment = os.environ.get(_MOMENT, "")
        # A place that kills its worker is given up by the scheduler itself, after `allowed-failures` of them.
        left = {client.submit(_read, place, moment, pure=False): index for index, place in enumerate(places)}
        while left:
            try:
                ended = dask.wait(list(left), timeout=timeout or None, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                yield from ((index, Failed("timeout", f"no answer in {timeout:g} seconds")) for index in left.values())
                return
            for future in ended:
                yield left.pop(future), _reading(future)


def _client(dask: Any, stack: ExitStack, address: str, jobs: int) -> Any:
    if not address:
        cluster = dask.LocalCluster(
            n_workers=jobs, threads_per_worker=1, dashboard_address=None, silence_logs=False, host="127.0.0.1"
        )
        return dask.Client(stack.enter_context(cluster))
    try:
        return dask.Client(address, timeout=_CONNECT)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"no Dask scheduler answers at {address}: {error}", hint="start one with `dask scheduler`, or leave it out"
        ) from None


def _read(place: str, moment: str) -> Reading:
    """On a worker, which other portfolios use too: at the moment that is given here, or at none."""
    os.environ.pop(_MOMENT, None)
    if moment:
        os.environ[_MOMENT] = moment
    return read_place(place)


def _reading(future: Any) -> Reading:
    if future.status == "finished":
        found: Reading = future.result()
        return found
    error = future.exception()
    return Failed("crash", f"{type(error).__name__}: {error}"[:400])
