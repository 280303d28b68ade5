"""`autoscaler run`: the scheduled service."""

from importlib.metadata import version
from pathlib import Path

import click

from autoscaler.cli.options import IN_FILE, command, policies_argument, store_option
from autoscaler.cli.policies import load_policies, named
from autoscaler.cli.scope import who
from autoscaler.cli.stores import opened, place
from autoscaler.config import installed
from autoscaler.service.runtime import SystemRuntime


@command(
    "autoscaler run policies/",
    "autoscaler run shop.yaml --store /var/lib/autoscaler/store.db",
    "autoscaler run shop.yaml --record seen/  # keeps every tick, for `plan --from`",
)
@policies_argument
@store_option
@click.option("--record", type=IN_FILE, metavar="FOLDER", help="Keep what every tick saw and decided there.")
@click.option(
    "--log", type=click.Choice(["auto", "json", "text"]), default="auto", show_default=True, help="The form of the log on stderr."
)
def run(policies: tuple[Path, ...], store: str | None, record: Path | None, log: str) -> None:
    """Keep clusters at the right size until stopped.

    One tick per cluster at its interval, never two at once. Changed policy files are taken up at once, broken ones are told and the last
    good ones kept. SIGTERM ends it within ten seconds; what is in flight is journalled. `/metrics`, `/healthz` and `/readyz` answer
    where the policies' `service.listen` says.
    """
    from autoscaler.service import daemon, logs
    from autoscaler.service.metrics import ServiceMetrics

    plugins = installed()
    configuration = load_policies(policies, plugins)
    runtime = SystemRuntime()
    service = daemon.Daemon(
        paths=named(policies),
        plugins=plugins,
        store=opened(place(store, configuration), runtime),
        holder=f"{who()} {runtime.new_id()}",
        configuration=configuration,
        runtime=runtime,
        metrics=ServiceMetrics(version("poolkeeper")),
        record=record,
    )
    logs.configure(json={"auto": None, "json": True, "text": False}[log])
    daemon.on_signals(service.stop)
    service.serve()
