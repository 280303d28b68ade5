"""`autoscaler lab`: a real Swarm on this machine, from nothing and back to nothing."""

import json
from pathlib import Path

import rich_click as click

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import NotFoundError, UsageError
from autoscaler.model.quantities import Memory
from autoscaler_lab import lab as labs
from autoscaler_lab.fleet import Member
from autoscaler_lab.layout import LabSpec
from autoscaler_lab.settings import DEFAULT_FOLDER
from autoscaler_lab.swarm_join import MANAGER

SNIPPET = """\
apiVersion: autoscaler/v1
clusters: {{lab: {{swarm: {{endpoint: "{endpoint}"}}}}}}
pools:
  workers:
    cluster: lab
    lab: {{folder: "{folder}"}}
    nodes: {{min: 1, max: 6}}
"""
TALE = """A real Docker Swarm on this machine: engines with networks, names and data of their own.

\b
Examples:
  sudo autoscaler lab up                         # three engines, one Swarm
  sudo autoscaler lab up --nodes 5 --memory 2Gi  # five which say they have 2 GiB each
  sudo autoscaler lab status --output json
  sudo autoscaler lab down                       # leaves nothing behind
"""

folder_option = click.option("--folder", default=DEFAULT_FOLDER, show_default=True, help="Where the lab keeps all of it.")
output_option = click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True)


@click.group(help=TALE)
def lab() -> None:
    """Make, show and remove a lab."""


@lab.command()
@folder_option
@output_option
@click.option("--nodes", default=3, show_default=True, help="Engines in all: a manager and workers.")
@click.option("--prefix", default="pk", show_default=True, help="Starts the name of all that is made on this machine.")
@click.option("--subnet", default="10.77.0.0/24", show_default=True, help="Addresses of the engines.")
@click.option("--memory", default="", help="What each engine says it has, as in 2Gi; default: what the machine has.")
@click.option("--cpus", default=0, help="Processors each engine may use; default: all.")
def up(folder: str, output: str, *, nodes: int, prefix: str, subnet: str, memory: str, cpus: int) -> None:
    """Start a Swarm: a manager, and workers which are a pool. A repeat starts what is missing.

    Example: sudo autoscaler lab up --nodes 3 --prefix pk --subnet 10.77.0.0/24
    """
    runtime = _runtime()
    size = Memory.parse(memory).bytes if memory else 0
    if cpus < 0:
        raise UsageError(f"{cpus} processors are not possible", hint="write 1 or more, or leave --cpus out")
    spec = LabSpec(folder=_path(folder), prefix=prefix, subnet=subnet, id=runtime.new_id()[-8:].lower(), memory=size, cpus=cpus)
    labs.up(spec, nodes, runtime, _say)
    _print(labs.status(spec.folder, runtime), output)
    endpoint = spec.engine(MANAGER).endpoint
    _say(f"the Swarm answers at {endpoint}, for example: docker -H {endpoint} node ls")
    _say("a policy file for it begins:\n\n" + SNIPPET.format(endpoint=endpoint, folder=spec.folder))


@lab.command()
@folder_option
@output_option
def status(folder: str, output: str) -> None:
    """Show the engines and how they are. Changes nothing.

    Example: autoscaler lab status --output json
    """
    _print(labs.status(_path(folder), _runtime()), output)


@lab.command()
@folder_option
def down(folder: str) -> None:
    """End and remove all of a lab: processes, networks, data. Without a lab there is nothing to do.

    Example: sudo autoscaler lab down
    """
    try:
        labs.down(_path(folder), _runtime(), _say)
    except NotFoundError as error:
        _say(f"nothing to do: {error}")
    else:
        _say("nothing is left of it")


def _path(folder: str) -> Path:
    return Path(folder).expanduser().absolute()


def _say(words: str) -> None:
    click.echo(words, err=True)


def _print(found: list[Member], output: str) -> None:
    rows = [_row(member) for member in found]
    click.echo(json.dumps(rows, indent=2) if output == "json" else _table(rows))


def _row(member: Member) -> dict[str, str]:
    paths = member.paths
    return {
        "name": paths.name,
        "role": member.reservation.group,
        "state": str(member.condition),
        "phase": str(member.state.phase),
        "address": paths.address,
        "endpoint": paths.endpoint,
        "node": member.state.node,
        "why": member.why,
    }


def _table(rows: list[dict[str, str]]) -> str:
    columns = ("name", "role", "state", "address", "endpoint", "why")
    lines = [dict(zip(columns, (column.upper() for column in columns), strict=True)), *rows]
    widths = {column: max(len(line[column]) for line in lines) for column in columns}
    return "\n".join("  ".join(line[column].ljust(widths[column]) for column in columns).rstrip() for line in lines)


def _runtime() -> Runtime:
    from autoscaler.service.runtime import RealRuntime

    return RealRuntime()
