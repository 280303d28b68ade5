"""How the tests ask what is wrong with a file."""

from autoscaler.config import Configuration, PolicyErrors, Problem, parse
from tests.config.doubles import PLUGINS

WHOLE = """\
apiVersion: autoscaler/v1
clusters: {shop: {swarm: {}}}
sources: {prom: {prometheus: {url: "http://prometheus:9090"}}}
metrics: {rps: {source: prom, query: up}}
traffic: {edge: {haproxy: {socket: /run/haproxy.sock}}}
pools:
  general: {cluster: shop, lab: {}, nodes: {min: 1, max: 4}}
policies:
  web:
    workload: shop/web
    replicas: {min: 1, max: 9}
"""


def read(text: str | bytes, name: str = "x.yaml") -> Configuration:
    """The configuration of one file."""
    return parse([(name, text)], PLUGINS)


def problems_of(*texts: str | bytes) -> tuple[Problem, ...]:
    """What is wrong with the files together; nothing if they are right."""
    try:
        parse([(f"{'xyz'[place]}.yaml", text) for place, text in enumerate(texts)], PLUGINS)
    except PolicyErrors as error:
        return error.problems
    return ()


def told(text: str | bytes) -> list[str]:
    """Each problem as `code line:column`."""
    return [f"{one.code} {one.line}:{one.column}" for one in problems_of(text)]
