"""`autoscaler backtest`: what policies would have done with a load of the past."""

from dataclasses import replace
from pathlib import Path

import click

from autoscaler.cli import files
from autoscaler.cli.options import command, output_option
from autoscaler.cli.output import document
from autoscaler.cli.paint import painted
from autoscaler.cli.policies import load_policies
from autoscaler.cli.replaying import Source, Terms, replaying
from autoscaler.cli.terminal import progress
from autoscaler.config import Configuration
from autoscaler.contracts.policy import Policy
from autoscaler.errors import UsageError
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import PolicyName, WorkloadRef
from autoscaler.rehearsing.backtest import backtest as replay
from autoscaler.rehearsing.backtest import demand
from autoscaler.rehearsing.plotting import draw
from autoscaler.rehearsing.report import report, report_as_text


@command(
    "autoscaler backtest shop.yaml --load requests.csv --capacity 150",
    "autoscaler backtest old.yaml new.yaml --load requests.csv --plot both.html",
    "autoscaler backtest shop.yaml --from-prometheus 'sum(rate(http_requests_total[1m]))' --start 7d",
    "autoscaler backtest shop.yaml --load requests.csv --start 2026-05-01 --end 2026-05-08 --output json",
)
@click.argument("policies", nargs=-1, type=click.Path(path_type=Path), metavar="[POLICIES]...")
@replaying
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE", help="Draw it: .png, or .html with every reason on hover.")
@click.option("--save", type=click.Path(path_type=Path), metavar="FILE", help="Keep the figures as JSON.")
@output_option
def backtest(*, policies: tuple[Path, ...], source: Source, terms: Terms, plot: Path | None, save: Path | None, output: str) -> None:
    """Replay a load of the past against policies.

    Rules and stages are the engine's own, under a virtual clock; replicas, machines and their delays are made up. Each of POLICIES is one
    contender, shown side by side: a file or a folder. Reads files only.
    """
    paths = policies or (Path("autoscaler.yaml"),)
    load = source.read(paths[0])
    contenders = [contender(path, terms.workload) for path in paths]
    setting = terms.setting(load, contenders[0][1])
    replayed = []
    for policy, _ in contenders:
        progress(f"replaying {load.name} against {policy.name} …")
        replayed.append(replay(policy, load, setting))
    found = report(load, setting, replayed)
    if save:
        files.write(save, document(found, kind="backtest") + "\n")
    if plot:
        progress(f"drawing {plot} …")
        files.write(plot, draw(plot, load, demand(load.at(setting.every), setting), setting, replayed))
    click.echo(painted(report_as_text(found)) if output == "table" else document(found, kind="backtest", output=output))


def contender(path: Path, workload: str | None) -> tuple[Policy, Duration]:
    """The policy to replay, called by its file, and how often its service decides."""
    configuration = load_policies((path,))
    return replace(_policy(path, configuration, workload), name=PolicyName(path.name)), configuration.service.interval


def _policy(path: Path, configuration: Configuration, workload: str | None) -> Policy:
    ref = WorkloadRef.parse(workload) if workload else None
    known = [policy for cluster in configuration.clusters for policy in cluster.policies.policies]
    found = [one for one in known if ref in (None, one.workload)]
    if len(found) != 1:
        names = ", ".join(str(one.workload) for one in known) or "none"
        raise UsageError(f"{path} has {len(found)} policies to replay", hint=f"name one by --workload; there is: {names}")
    return found[0]
