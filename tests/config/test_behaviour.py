"""Behaviour of a policy laid over the defaults': windows, limits, lessons, and the legacy way."""

import pytest

from autoscaler.config import PolicyErrors, installed, parse
from autoscaler.model.policies import SCALE_DOWN, SCALE_UP, Behaviour, Learning, Legacy
from autoscaler.model.quantities import Duration, Number

TEXT = """apiVersion: autoscaler/v1
clusters: {shop: {simulated: {}}}
defaults: {behaviour: DEFAULTS}
policies: {web: {workload: shop/web, replicas: {min: 1, max: 9}, behaviour: OWN}}
"""


def behaviour(defaults: str, own: str) -> Behaviour:
    (cluster,) = parse((("web.yaml", TEXT.replace("DEFAULTS", defaults).replace("OWN", own)),), installed()).clusters
    return cluster.policies.policies[0].behaviour


@pytest.mark.parametrize(
    ("defaults", "own", "learn", "legacy"),
    [
        pytest.param("{learn: {over: 2h}}", "{}", Learning(over=Duration(7_200_000)), None, id="the defaults' lessons"),
        pytest.param("{learn: {over: 2h}}", "{learn: off}", None, None, id="which a policy may leave"),
        pytest.param("{learn: {}}", "{learn: {lead: 3m}}", Learning(lead=Duration(180_000)), None, id="or have its own"),
        pytest.param("{learn: {}}", "{legacy: {}}", None, Legacy(), id="legacy in place of the defaults' lessons"),
        pytest.param("{legacy: {factor: 3}}", "{}", None, Legacy(factor=Number(3000)), id="the defaults' legacy way"),
        pytest.param("{legacy: {}}", "{scale_down: {stabilise: 1m}}", None, None, id="windows in place of it"),
        pytest.param("{legacy: {}}", "{learn: {}}", Learning(), None, id="lessons in place of it"),
        pytest.param("{legacy: {}}", "{learn: off}", None, Legacy(), id="off leaves it: nothing else was asked for"),
    ],
)
def test_a_policys_own_way_goes_before_the_defaults(defaults: str, own: str, learn: Learning | None, legacy: Legacy | None) -> None:
    found = behaviour(defaults, own)
    assert (found.learn, found.legacy) == (learn, legacy)


def test_what_is_left_out_is_as_hpa_has_it() -> None:
    assert behaviour("{}", "{}") == Behaviour(scale_up=SCALE_UP, scale_down=SCALE_DOWN)


@pytest.mark.parametrize(
    ("own", "says"),
    [
        pytest.param("{legacy: {}, learn: {}}", "legacy takes the place", id="legacy and lessons"),
        pytest.param("{legacy: {}, scale_up: {pick: least}}", "legacy takes the place", id="legacy and limits"),
        pytest.param("{legacy: {factor: 0.5}}", "no limit to growth", id="a factor that shrinks"),
        pytest.param("{legacy: {minimum: -1}}", "no whole number from 0", id="a minimum below none"),
        pytest.param("{learn: maybe}", "write off", id="a word that is none"),
    ],
)
def test_what_makes_no_sense_is_refused(own: str, says: str) -> None:
    with pytest.raises(PolicyErrors) as refused:
        behaviour("{}", own)
    assert says in str(refused.value)
    assert refused.value.problems[0].line == 4
