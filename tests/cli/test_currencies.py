"""Pools in different currencies, as an operator meets them."""

from pathlib import Path

import pytest

from tests.cli.calling import Call

EXAMPLE = Path(__file__).parents[2] / "policies" / "examples" / "simulated-priorities.yaml"
ITS_TURN = "pool reserved is paid in USD and others in EUR: prices are not compared, and each currency has its turn"


@pytest.fixture
def euros(call: Call, tmp_path: Path) -> Call:
    """Machines in dollars, at a lower number, beside others in euros, and no priority."""
    text = EXAMPLE.read_text().replace("    priority: 10\n", "").replace("0.30 USD", "0.30 EUR").replace("0.40 USD", "0.10 USD")
    (tmp_path / "autoscaler.yaml").write_text(text)
    return call


def test_the_plan_buys_in_the_one_and_says_why_not_in_the_other(euros: Call) -> None:
    ran = euros("plan")
    assert ran.code == 0
    text = " ".join(ran.out.split())
    assert "+ pool on-demand 0 -> 2 machines" in text
    assert ITS_TURN in text
    assert "Price per hour: 0.00 EUR -> 0.60 EUR" in text


def test_doctor_says_it_with_what_to_do(euros: Call) -> None:
    text = " ".join(euros("doctor").out.split())
    assert ITS_TURN in text
    assert "say by `priority` which come first" in text
