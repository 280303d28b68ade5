"""What the documentation shows is a file that is read, and an error that is told."""

import re
from pathlib import Path

import pytest

from autoscaler.config import PolicyErrors, installed, parse

PAGE = Path(__file__).parents[2] / "docs" / "policy-file.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), flags=re.MULTILINE | re.DOTALL)


def test_every_file_shown_is_a_configuration() -> None:
    (text,) = blocks("yaml")
    (cluster,) = parse([("shop.yaml", text)], installed()).clusters
    assert [policy.name for policy in cluster.policies.policies] == ["web"]


def test_the_error_shown_is_what_is_told() -> None:
    head = "apiVersion: autoscaler/v1\nclusters: {shop: {swarm: {}}}\n" + "#\n" * 5
    text = head + "policies:\n  web:\n    workload: shop/web\n    replicas: {min: 1, mx: 9}\n"
    with pytest.raises(PolicyErrors) as raised:
        parse([("shop.yaml", text)], installed())
    assert blocks("text") == [str(raised.value) + "\n"]
