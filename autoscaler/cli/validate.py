"""`autoscaler validate`: every mistake of every file at once."""

from dataclasses import dataclass
from pathlib import Path

import click

from autoscaler.cli.options import command, output_option, policies_argument
from autoscaler.cli.output import document
from autoscaler.cli.policies import load_policies
from autoscaler.cli.terminal import say
from autoscaler.config import Configuration, PolicyErrors, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What the files say, or what is wrong with them; `problems` holds at most the first 1000 of `mistakes`."""

    valid: bool
    mistakes: int = 0
    problems: tuple[Problem, ...] = ()
    clusters: tuple[str, ...] = ()
    policies: int = 0
    pools: int = 0


@command(
    "autoscaler validate policies/",
    "autoscaler validate shop.yaml pools.yaml",
    "autoscaler validate --output json policies/  # for an editor or CI",
)
@policies_argument
@output_option
def validate(policies: tuple[Path, ...], output: str) -> None:
    """Check policy files, and show every mistake with its place.

    Reads the files only: no cluster, no metrics source and no secret. Exits 5 when something is wrong.
    """
    try:
        found = _summary(load_policies(policies))
    except PolicyErrors as error:
        if output != "table":
            found = Validation(valid=False, mistakes=error.count, problems=error.problems)
            click.echo(document(found, kind="validation", output=output))
        raise
    if output == "table":
        say(_words(found))
    else:
        click.echo(document(found, kind="validation", output=output))


def _summary(configuration: Configuration) -> Validation:
    clusters = configuration.clusters
    return Validation(
        valid=True,
        clusters=tuple(cluster.name for cluster in clusters),
        policies=sum(len(one.policies.policies) + len(one.policies.selectors) for one in clusters),
        pools=sum(len(one.policies.pools) for one in clusters),
    )


def _words(found: Validation) -> str:
    clusters = ", ".join(found.clusters) or "no cluster"
    return click.style("valid: ", fg="green") + f"{clusters}; policies: {found.policies}, pools: {found.pools}"
