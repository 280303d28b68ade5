"""`autoscaler demo`: the real service on a simulated cluster, a day of load in a minute."""

import os
import signal
from collections.abc import Callable
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import click
from rich.console import Console
from rich.live import Live

from autoscaler.config import installed, parse
from autoscaler.contracts.provider import Site
from autoscaler.errors import SetupError
from autoscaler.model.quantities import Duration, Instant
from autoscaler.service.daemon import Daemon
from autoscaler.service.logs import configure
from autoscaler.service.metrics import ServiceMetrics
from autoscaler.service.runtime import SystemRuntime, background
from autoscaler.service.scaled import ScaledRuntime
from autoscaler.store import open_store
from autoscaler_simulated.demo_view import Scene, Told, closing, screen
from autoscaler_simulated.worlds import world_of

Result = TypeVar("Result")

PACE = 120
"""Simulated seconds in a real one: two hours, in which a whole day of load passes, take a minute."""

MIDNIGHT = Instant(1_767_225_600_000)
BLINK = Duration(250)
"""Real time between two looks at the screen."""


@click.command()
@click.option("--seconds", default=60, show_default=True, type=click.IntRange(1, 3600), help="Real seconds; 60 are one day of load.")
@click.option("--plain", is_flag=True, help="Lines instead of a live screen.")
def demo(seconds: int, *, plain: bool) -> None:
    """Watch the service keep a simulated cluster at the right size.

    \b
    Examples:
      autoscaler demo
      autoscaler demo --seconds 20 --plain
    """  # noqa: D301 - \b is click's own mark: keep these lines as they are
    console = Console()
    with TemporaryDirectory(prefix="autoscaler-demo-") as folder, Path(os.devnull).open("w") as nowhere:
        # The screen tells what happens; the service's log would tear it.
        configure(nowhere, json=True)
        daemon = _daemon(Path(folder))
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        thread = background(daemon.serve, "service")
        try:
            _watch(console, daemon, seconds, live=console.is_terminal and not plain, going=thread.is_alive)
        except KeyboardInterrupt:
            console.print("interrupted; the report so far:")
        finally:
            daemon.stop.ring()
            thread.join(timeout=10)
        console.print(_seen(daemon, closing))


def _daemon(folder: Path) -> Daemon:
    runtime = ScaledRuntime(PACE, MIDNIGHT)
    plugins = installed()
    text = files("autoscaler_simulated").joinpath("demo.yaml").read_text(encoding="utf-8")
    return Daemon(
        paths=(),
        plugins=plugins,
        store=open_store(str(folder / "store.db"), runtime),
        holder="demo",
        configuration=parse((("demo.yaml", text),), plugins),
        runtime=runtime,
        metrics=ServiceMetrics("demo"),
        pace=PACE,
    )


def _seen(daemon: Daemon, do: Callable[[Scene], Result]) -> Result:
    """What `do` makes of the world as it is and the service's last report; the world stands still for it."""
    (cluster,) = daemon.configuration.clusters
    kept = world_of(cluster.settings, Site(name=cluster.name, cluster=cluster.name, runtime=daemon.runtime))
    runner = daemon.runners.get(cluster.name)
    report = runner.report if runner else None
    return kept.watch(lambda world: do(Scene(world=world, report=report, cluster=cluster)))


def _watch(console: Console, daemon: Daemon, seconds: int, *, live: bool, going: Callable[[], bool]) -> None:
    """Show what happens for so many real seconds; SetupError if the service ended by itself."""
    clock, told = SystemRuntime(), Told()
    ends = clock.monotonic() + seconds * 1000
    with ExitStack() as stack:
        view = stack.enter_context(Live(console=console, refresh_per_second=4, transient=True)) if live else None
        while clock.monotonic() < ends:
            clock.sleep(BLINK)
            if not going():
                raise SetupError("the service ended by itself", hint="report it with what it wrote above")
            if view:
                view.update(_seen(daemon, lambda scene: screen(scene, told)))
            else:
                for line in _seen(daemon, told.news):
                    click.echo(line)
