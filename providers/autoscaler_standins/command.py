"""`autoscaler lab cloud`: a stand-in for a cloud, which the vendor's own SDK talks to."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import rich_click as click

from autoscaler.cli.options import command
from autoscaler.cli.terminal import say
from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import SetupError, UsageError
from autoscaler.model.quantities import Duration
from autoscaler_standins.demo import CLOUDS, Demo, Wish, demo

if TYPE_CHECKING:
    from autoscaler_standins.serving import Standin

POLICY = """\
apiVersion: autoscaler/v1
clusters:
  try:
    simulated:
      state: {name}.world.json
      nodes: [{{name: manager-1, manager: true, cpu: 500m}}]
      workloads: [{{name: web, replicas: {held}, cpu: "1", memory: 1Gi}}]
      clouds: [{urls}]
{edge}pools:
{pools}
policies:
  web: {{workload: try/web, replicas: {{min: 1, max: {most}}}, rules: [{{fixed: {{count: {count}}}}}]{behind}}}
"""
POOL = """\
  {name}:
    cluster: try
{pool}
    nodes: {{min: {least}, max: 6, idle: 30s}}"""
EDGE = """\
traffic:
  edge:
{edge}
"""
HELD, LACKING, SPARE = 2, 3, 4
"""Replicas for each cloud's first machine; how many more are asked for; and how many more there may be."""
BREATH = Duration(200)


@command(
    "autoscaler lab cloud aws",
    "autoscaler lab cloud aws --port 8901 --boot 30s --sold-out eu-central-1a",
    "autoscaler lab cloud aws azure gcp  # three clouds for one cluster",
)
@click.argument("names", metavar="|".join(CLOUDS), type=click.Choice(CLOUDS), nargs=-1, required=True)
@click.option("--port", default=0, help="Where it listens on 127.0.0.1, the next cloud at the next; else any free ports.")
@click.option("--machines", type=click.IntRange(min=0, max=1000), default=1, show_default=True, help="How many run already, at each.")
@click.option("--boot", default="5s", show_default=True, metavar="SPAN", help="How long a machine takes to start, and to stop.")
@click.option("--sold-out", multiple=True, metavar="ZONE", help="A zone without a further machine. May be repeated.")
@click.option("--traffic", is_flag=True, help="With a balancer of the cloud's in front of the replicas (aws, gcp; of one cloud).")
def cloud(names: tuple[str, ...], *, port: int, machines: int, boot: str, sold_out: tuple[str, ...], traffic: bool) -> None:
    """Stand in for a cloud on this machine, or for several, until interrupted: nothing is real, and nothing costs anything.

    Its requests and answers are held to the vendor's own published model. A simulated cluster takes its machines in.
    """
    runtime, wish = _runtime(), Wish(machines=machines, boot=Duration.parse(boot), sold_out=sold_out)
    found = {name: _made(name, runtime, wish) for name in dict.fromkeys(names)}
    zones = [zone for one in found.values() for zone in one.zones]
    wrong = [zone for zone in sold_out if zone not in zones]
    if wrong:
        raise UsageError(f"there is no zone {', '.join(wrong)} here", hint=f"zones are {', '.join(zones)}")
    _serve(_behind(found) if traffic else {name: replace(one, edge="") for name, one in found.items()}, runtime, port)


def _made(name: str, runtime: Runtime, wish: Wish) -> Demo:
    try:
        return demo(name, runtime, wish)
    except ImportError as error:
        raise SetupError(f"a part is not installed: {error}", hint="pip install 'poolkeeper[standins]'") from error


def _behind(found: Mapping[str, Demo]) -> Mapping[str, Demo]:
    """Where its balancer can be in front of every replica."""
    name, *others = found
    if others:
        raise UsageError("a balancer sends to machines of its own cloud alone", hint="name one cloud, or leave --traffic out")
    if not found[name].edge:
        raise UsageError(f"there is no balancer for every replica at {name} here", hint="leave --traffic out")
    return found


def _serve(found: Mapping[str, Demo], runtime: Runtime, port: int) -> None:
    with ExitStack() as stack:
        urls = {
            name: stack.enter_context(_listening(one, runtime, port and port + number)).url
            for number, (name, one) in enumerate(found.items())
        }
        for name, url in urls.items():
            say(f"a stand-in for {name} listens at {url}; end it with Ctrl-C\n")
        say("in another terminal, with what its SDK wants to know:\n")
        for name, one in found.items():
            say("".join(f"  export {key}={value.replace('{url}', urls[name])}\n" for key, value in one.environment.items()))
        say("and a policy file:\n")
        print(policies(found, urls))  # noqa: T201 - what can be piped into a file
        while True:
            runtime.sleep(BREATH)


def _listening(found: Demo, runtime: Runtime, port: int) -> "Standin":
    from autoscaler_standins.serving import Standin

    try:
        return Standin(found.cloud, runtime, port)
    except OSError as error:
        raise UsageError(f"port {port}: {error.strerror}", hint="name another one, or leave --port out") from error


def policy(name: str, found: Demo, url: str) -> str:
    """A whole policy file, for one cloud."""
    return policies({name: found}, {name: url})


def policies(found: Mapping[str, Demo], urls: Mapping[str, str]) -> str:
    """The same for several, whose cluster runs on the machines of all: each of them may have none left, and none is behind a balancer."""
    several, held = len(found) > 1, HELD * len(found)
    edge = "" if several else "".join(_indented(one.edge, urls[name]) for name, one in found.items())
    return POLICY.format(
        name="-".join(found),
        urls=", ".join(f'{{url: "{url}"}}' for url in urls.values()),
        edge=EDGE.format(edge=edge) if edge else "",
        behind=", availability: {traffic: edge}" if edge else "",
        pools="\n".join(_pool(name if several else "general", one, urls[name], 0 if several else 1) for name, one in found.items()),
        held=held,
        count=held + LACKING,
        most=held + LACKING + SPARE,
    )


def _pool(name: str, found: Demo, url: str, least: int) -> str:
    return POOL.format(name=name, pool=_indented(found.pool, url), least=least)


def _indented(text: str, url: str) -> str:
    return "\n".join(f"    {line}" for line in text.replace("{url}", url).splitlines())


def _runtime() -> Runtime:
    from autoscaler.service.runtime import SystemRuntime

    return SystemRuntime()
