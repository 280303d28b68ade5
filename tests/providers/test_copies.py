"""What the clouds' providers share and may not import from each other is kept alike, word for word, until it has a place of its own."""

from itertools import pairwise
from pathlib import Path

import pytest

PROVIDERS = Path(__file__).parents[2] / "providers"


def text(provider: str, module: str) -> str:
    return (PROVIDERS / provider / f"{module}.py").read_text().replace(provider, "PROVIDER")


@pytest.mark.parametrize(
    ("module", "providers"),
    [
        pytest.param("asking", ("autoscaler_aws", "autoscaler_azure", "autoscaler_gcp"), id="asking several things at once"),
        pytest.param("fields", ("autoscaler_aws", "autoscaler_azure", "autoscaler_gcp"), id="query texts"),
        pytest.param("readings", ("autoscaler_aws", "autoscaler_azure", "autoscaler_gcp"), id="numbers and freshness"),
        pytest.param("bounded_http", ("autoscaler_azure", "autoscaler_gcp"), id="bounded HTTP"),
        pytest.param("statuses", ("autoscaler_azure", "autoscaler_gcp"), id="what statuses mean"),
    ],
)
def test_copies_are_alike(module: str, providers: tuple[str, ...]) -> None:
    assert [(one, other) for one, other in pairwise(providers) if text(one, module) != text(other, module)] == []
