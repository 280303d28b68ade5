"""What a user gets to try: a cloud with one small pool, and how a policy file names it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

from autoscaler.contracts.runtime import Runtime
from autoscaler.model.quantities import Duration
from autoscaler_standins.serving import Cloud

CLOUDS = ("aws", "azure", "gcp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`machines`: that run already. `boot`: how long one takes. `sold_out`: zones without a further machine."""

    machines: int = 1
    boot: Duration = Duration(5000)
    sold_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """`pool`, `edge`: of a policy file, with `{url}` where the stand-in listens; no `edge` where it has no balancer for every replica.

    `environment`: who its SDK takes us for, alike.
    """

    cloud: Cloud
    zones: tuple[str, ...]
    pool: str
    environment: Mapping[str, str]
    edge: str = ""


def demo(name: str, runtime: Runtime, wish: Wish) -> Demo:
    """One of CLOUDS, made anew. Its vendor's published model is read now, which takes a second."""
    make: Callable[[Runtime, Wish], Demo] = import_module(f"autoscaler_standins.{name}.demo").make
    return make(runtime, wish)
