"""`autoscaler lab`: a real Swarm on this machine, from nothing and back to nothing."""

from dataclasses import dataclass
from pathlib import Path

import rich_click as click

from autoscaler.cli.lazy import LazyGroup, Listing
from autoscaler.cli.options import command, output_option
from autoscaler.cli.output import emit
from autoscaler.cli.terminal import say
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
clusters:
  lab:
    swarm:
      endpoint: "{endpoint}"
      engines: {{"*": "unix://{folder}/{{node}}/docker.sock"}}
pools:
  workers:
    cluster: lab
    lab: {{folder: "{folder}"}}
    nodes: {{min: 1, max: 6}}
"""
EXAMPLES = (
    "autoscaler lab up                         # three engines, one Swarm",
    "autoscaler lab up --nodes 5 --memory 2Gi  # five which say they have 2 GiB each",
    "autoscaler lab status --output json",
    "autoscaler lab down                       # leaves nothing behind",
    "autoscaler lab cloud aws                  # a stand-in for a cloud",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineRow:
    """One engine, as `status` shows it. `node`: its id in the Swarm. `why`: what went wrong."""

    name: str
    role: str
    state: str
    phase: str
    address: str
    endpoint: str
    node: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabView:
    """All engines of a lab that are not gone."""

    engines: tuple[EngineRow, ...]


folder_option = click.option("--folder", default=DEFAULT_FOLDER, show_default=True, help="Where the lab keeps all of it.")


LISTINGS = {
    name: Listing(target=f"autoscaler_lab.command:{name}", summary=summary)
    for name, summary in (
        ("up", "Start a Swarm: a manager, and workers which are a pool."),
        ("status", "Show the engines and how they are."),
        ("down", "End and remove all of a lab."),
    )
}


@click.group(cls=LazyGroup, listings=LISTINGS, examples=EXAMPLES, entries="autoscaler.lab")
def lab() -> None:
    """Make, show and remove a real Docker Swarm on this machine: engines with networks, names and data of their own."""


@command("sudo autoscaler lab up --nodes 3 --prefix pk --subnet 10.77.0.0/24")
@folder_option
@output_option
@click.option("--nodes", default=3, show_default=True, help="Engines in all: a manager and workers.")
@click.option("--prefix", default="pk", show_default=True, help="Starts the name of all that is made on this machine.")
@click.option("--subnet", default="10.77.0.0/24", show_default=True, help="Addresses of the engines.")
@click.option("--memory", metavar="SIZE", help="What each engine says it has, as in 2Gi; else what the machine has.")
@click.option("--cpus", type=click.IntRange(min=1), help="Processors each engine may use; else all.")
def up(folder: str, output: str, *, nodes: int, prefix: str, subnet: str, memory: str | None, cpus: int | None) -> None:
    """Start a Swarm: a manager, and workers which are a pool. A repeat starts what is missing."""
    runtime = _runtime()
    spec = LabSpec(
        folder=_path(folder),
        prefix=prefix,
        subnet=subnet,
        id=runtime.new_id()[-8:].lower(),
        memory=Memory.parse(memory).bytes if memory else 0,
        cpus=cpus or 0,
    )
    labs.up(spec, nodes, runtime, say)
    _show(labs.status(spec.folder, runtime), output)
    endpoint = spec.engine(MANAGER).endpoint
    say(f"the Swarm answers at {endpoint}, for example: docker -H {endpoint} node ls")
    say("a policy file for it begins:\n\n" + SNIPPET.format(endpoint=endpoint, folder=spec.folder))


@command("autoscaler lab status --output json")
@folder_option
@output_option
def status(folder: str, output: str) -> None:
    """Show the engines and how they are. Changes nothing."""
    _show(labs.status(_path(folder), _runtime()), output)


@command("sudo autoscaler lab down")
@folder_option
def down(folder: str) -> None:
    """End and remove all of a lab: processes, networks, data. Without a lab there is nothing to do."""
    try:
        labs.down(_path(folder), _runtime(), say)
    except NotFoundError as error:
        say(f"nothing to do: {error}")
    else:
        say("nothing is left of it")


def _path(folder: str) -> Path:
    try:
        return Path(folder).expanduser().absolute()
    except RuntimeError as error:
        raise UsageError(f"the folder {folder!r}: {error}", hint="write the whole path, from /") from error


def _show(found: list[Member], output: str) -> None:
    view = LabView(engines=tuple(_row(member) for member in found))
    emit(view, kind="lab", output=output, text=_table)


def _table(view: LabView) -> str:
    lines = [("NAME", "ROLE", "STATE", "ADDRESS", "ENDPOINT", "WHY")]
    lines += [(row.name, row.role, row.state, row.address, row.endpoint, row.why) for row in view.engines]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)


def _row(member: Member) -> EngineRow:
    return EngineRow(
        name=member.paths.name,
        role=member.reservation.group,
        state=str(member.condition),
        phase=str(member.state.phase),
        address=member.paths.address,
        endpoint=member.paths.endpoint,
        node=member.state.node,
        why=member.why,
    )


def _runtime() -> Runtime:
    from autoscaler.service.runtime import SystemRuntime

    return SystemRuntime()
