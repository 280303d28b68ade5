"""`autoscaler lab cloud`: a stand-in for a cloud, which the vendor's own SDK talks to."""

from dataclasses import replace

import rich_click as click

from autoscaler.cli.options import command
from autoscaler.cli.terminal import say
from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import SetupError, UsageError
from autoscaler.model.quantities import Duration
from autoscaler_standins.demo import CLOUDS, Demo, Wish, demo

POLICY = """\
apiVersion: autoscaler/v1
clusters:
  try:
    simulated:
      state: {name}.world.json
      nodes: [{{name: manager-1, manager: true, cpu: 500m}}]
      workloads: [{{name: web, replicas: 2, cpu: "1", memory: 1Gi}}]
      clouds: [{{url: "{url}"}}]
{edge}pools:
  general:
    cluster: try
{pool}
    nodes: {{min: 1, max: 6, idle: 30s}}
policies:
  web: {{workload: try/web, replicas: {{min: 1, max: 9}}, rules: [{{fixed: {{count: 5}}}}]{behind}}}
"""
BREATH = Duration(200)


@command("autoscaler lab cloud aws", "autoscaler lab cloud aws --port 8901 --boot 30s --sold-out eu-central-1a")
@click.argument("name", metavar="|".join(CLOUDS), type=click.Choice(CLOUDS))
@click.option("--port", default=0, help="Where it listens on 127.0.0.1; else any free port.")
@click.option("--machines", type=click.IntRange(min=0, max=1000), default=1, show_default=True, help="How many run already.")
@click.option("--boot", default="5s", show_default=True, metavar="SPAN", help="How long a machine takes to start, and to stop.")
@click.option("--sold-out", multiple=True, metavar="ZONE", help="A zone without a further machine. May be repeated.")
@click.option("--traffic", is_flag=True, help="With a balancer of the cloud's in front of the replicas (aws, gcp).")
def cloud(name: str, *, port: int, machines: int, boot: str, sold_out: tuple[str, ...], traffic: bool) -> None:
    """Stand in for a cloud on this machine until interrupted: nothing is real, and nothing costs anything.

    Its requests and answers are held to the vendor's own published model. A simulated cluster takes its machines in.
    """
    runtime = _runtime()
    found = _made(name, runtime, Wish(machines=machines, boot=Duration.parse(boot), sold_out=sold_out))
    wrong = [zone for zone in sold_out if zone not in found.zones]
    if wrong:
        raise UsageError(f"there is no zone {', '.join(wrong)} here", hint=f"its zones are {', '.join(found.zones)}")
    if traffic and not found.edge:
        raise UsageError(f"there is no balancer for every replica at {name} here", hint="leave --traffic out")
    _serve(name, found if traffic else replace(found, edge=""), runtime, port)


def _made(name: str, runtime: Runtime, wish: Wish) -> Demo:
    try:
        return demo(name, runtime, wish)
    except ImportError as error:
        raise SetupError(f"a part is not installed: {error}", hint="pip install 'poolkeeper[standins]'") from error


def _serve(name: str, found: Demo, runtime: Runtime, port: int) -> None:
    from autoscaler_standins.serving import Standin

    try:
        standin = Standin(found.cloud, runtime, port)
    except OSError as error:
        raise UsageError(f"port {port}: {error.strerror}", hint="name another one, or leave --port out") from error
    with standin:
        say(f"a stand-in for {name} listens at {standin.url}; end it with Ctrl-C\n")
        say("in another terminal, with what its SDK wants to know:\n")
        say("".join(f"  export {key}={value.replace('{url}', standin.url)}\n" for key, value in found.environment.items()))
        say("and a policy file:\n")
        print(policy(name, found, standin.url))  # noqa: T201 - what can be piped into a file
        while True:
            runtime.sleep(BREATH)


def policy(name: str, found: Demo, url: str) -> str:
    """A whole policy file."""
    pool, edge = (_indented(one.replace("{url}", url)) for one in (found.pool, found.edge))
    behind = ", availability: {traffic: edge}" if edge else ""
    return POLICY.format(name=name, url=url, pool=pool, edge=f"traffic:\n  edge:\n{edge}\n" if edge else "", behind=behind)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _runtime() -> Runtime:
    from autoscaler.service.runtime import SystemRuntime

    return SystemRuntime()
