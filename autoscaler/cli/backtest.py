"""`autoscaler backtest`: what policies would have done with a load of the past."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
    contenders = [contender(path, terms) for path in paths]
    setting = terms.setting(load, contenders[0].interval)
    replayed = []
    for one in contenders:
        progress(f"replaying {load.name} against {one.policy.name} …")
        replayed.append(replay(one.policy, load, setting))
    found = report(load, setting, replayed)
    if save:
        files.write(save, document(found, kind="backtest") + "\n")
    if plot:
        progress(f"drawing {plot} …")
        files.write(plot, draw(plot, load, demand(load.at(setting.every), setting), setting, replayed))
    click.echo(painted(report_as_text(found)) if output == "table" else document(found, kind="backtest", output=output))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """`policy`: the one to replay, called by its file. `called`: its name in there. `interval`: how often its service decides."""

    policy: Policy
    called: PolicyName
    interval: Duration


def contender(path: Path, terms: Terms) -> Contender:
    """The policy of these files that the terms name; UsageError unless it is one."""
    configuration = load_policies((path,))
    chosen = _chosen(path, _known(configuration), terms)
    return Contender(policy=replace(chosen, name=PolicyName(path.name)), called=chosen.name, interval=configuration.service.interval)


Known = Sequence[tuple[Policy, str]]


def _known(configuration: Configuration) -> Known:
    """Every policy, and whose it is. One for labels is replayed for a workload that is called as the policy is."""
    known: list[tuple[Policy, str]] = []
    for cluster in configuration.clusters:
        known += [(policy, str(policy.workload)) for policy in cluster.policies.policies]
        for selector in cluster.policies.selectors:
            made = selector.template
            labels = ", ".join(f"{key}={value}" for key, value in selector.labels)
            known.append((replace(made, workload=WorkloadRef(cluster.name, made.name)), f"{cluster.name}, by labels {labels}"))
    return known


def _chosen(path: Path, known: Known, terms: Terms) -> Policy:
    found = [one for one, whose in known if terms.workload in (None, whose) and terms.policy in (None, one.name)]
    if len(found) != 1:
        there = "; ".join(f"{one.name} ({whose})" for one, whose in known) or "none"
        raise UsageError(f"{path} has {len(found)} policies to replay", hint=f"name one by --policy; there is: {there}")
    return found[0]
