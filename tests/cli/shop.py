"""A small simulated shop whose world lives in a file, so that one command finds what the one before it did."""

from pathlib import Path

POLICIES = """\
apiVersion: autoscaler/v1
clusters: {shop: {simulated: {state: world.json, speed: 20, seed: 3}}}
traffic: {edge: {simulated: {}}}
pools:
  general:
    cluster: shop
    simulated: {price: 0.10 USD}
    nodes: {min: 1, max: 8}
policies:
  web:
    workload: shop/web
    replicas: {min: MIN, max: 20}
    rules: [{target_tracking: {metric: cpu, target: 60%}}]
    availability: {floor: 90%, surge: 25%, traffic: edge}
"""


def write_shop(folder: Path, least: int = 5, name: str = "autoscaler.yaml") -> Path:
    """The policies; 3 replicas of web run at first, and at least `least` are wanted."""
    path = folder / name
    path.write_text(POLICIES.replace("MIN", str(least)))
    return path
