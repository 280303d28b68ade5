"""Many replays at once, by Dask: on this machine's cores, or on a cluster that is named (extra `dask`)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from autoscaler.contracts.policy import Policy
from autoscaler.errors import SetupError, UnavailableError
from autoscaler.rehearsing.backtest import Setting
from autoscaler.rehearsing.load import Load
from autoscaler.rehearsing.tuning import Knobs, Trial, tried

if TYPE_CHECKING:
    from distributed import Client

CONNECT = "10s"


def all_tried(
    policy: Policy, knobs: Sequence[Knobs | None], load: Load, setting: Setting, *, workers: int, address: str | None
) -> Iterator[Trial]:
    """A trial for each, in their order, as they come. With one worker and no address nothing is spread, and Dask not needed."""
    if workers == 1 and address is None:
        yield from (tried(policy, one, load, setting) for one in knobs)
        return
    with _client(workers, address) as client:
        shared = client.scatter([policy, load, setting], broadcast=True, hash=False)  # type: ignore[no-untyped-call]  # Dask's own
        futures = [client.submit(_tried, *shared[:1], one, *shared[1:], pure=False) for one in knobs]
        for future in futures:
            yield future.result()


def _tried(policy: Policy, knobs: Knobs | None, load: Load, setting: Setting) -> Trial:
    return tried(policy, knobs, load, setting)


@contextmanager
def _client(workers: int, address: str | None) -> "Iterator[Client]":
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise SetupError("more than one worker needs the extra `dask`", hint="pip install 'poolkeeper[dask]', or --workers 1") from error
    if address is None:
        cluster = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None)  # type: ignore[no-untyped-call]  # Dask's own
        with cluster, Client(cluster) as client:  # type: ignore[no-untyped-call]  # Dask's own
            yield client
        return
    try:
        client = Client(address, timeout=CONNECT)  # type: ignore[no-untyped-call]  # Dask's own
    except (OSError, ValueError) as error:
        raise UnavailableError(f"no Dask scheduler answers at {address}", hint="see --dask, and whether it runs") from error
    with client:
        yield client
