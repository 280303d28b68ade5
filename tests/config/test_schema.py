"""The JSON Schema and the parser are of one mind."""

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autoscaler.config import Plugins, PolicyErrors, installed, parse, schema
from autoscaler.config.limits import ParseError
from tests.config.as_json import as_json
from tests.config.doubles import EXAMPLE_FILES, PROVIDERS, RULES, failing
from tests.config.mutations import single_key_slips

PLUGINS = installed()
SCHEMA = schema(PLUGINS)
DRAFTS = [jsonschema.Draft202012Validator, jsonschema.Draft7Validator]
VALIDATORS = [draft(SCHEMA) for draft in DRAFTS]
TEXTS = [path.read_text() for path in EXAMPLE_FILES]

BEYOND = {"unknown_name", "defined_twice", "refused"}
"""What no schema can see: names used and defined, over files too; and what a dataclass's own check says of several values."""

SPELLINGS = ("1e9", "0.0001")
"""And how a number is spelt: to JSON 1e9 is a whole number, and 0.0001 a number; the parser takes plain digits, three decimals at most."""


def parser_says(text: str) -> bool:
    try:
        parse([("x.yaml", text)], PLUGINS)
    except PolicyErrors as error:
        return {problem.code for problem in error.problems} <= BEYOND
    return True


@pytest.mark.parametrize("draft", DRAFTS)
def test_it_is_a_schema(draft: type[jsonschema.protocols.Validator]) -> None:
    draft.check_schema(SCHEMA)


def test_it_names_no_address_of_its_own() -> None:
    text = json.dumps(SCHEMA)
    assert "$id" not in text
    assert json.loads(text) == SCHEMA


@pytest.mark.parametrize("path", EXAMPLE_FILES, ids=lambda path: path.name)
def test_it_accepts_every_example(path: Path) -> None:
    for validator in VALIDATORS:
        validator.validate(as_json(path.read_text()))


@settings(max_examples=250)
@given(text=st.sampled_from(TEXTS), seed=st.integers(0, 10**6), which=st.integers(0, 3))
def test_it_says_what_the_parser_says(text: str, seed: int, which: int) -> None:
    slips = list(single_key_slips(text, seed))
    slip = slips[which % len(slips)]
    assume(not slip.what.endswith(SPELLINGS))
    try:
        document = as_json(slip.text)
    except ParseError:
        assume(False)  # noqa: FBT003 - Hypothesis asks it so
    assume(document is not None)
    assert [validator.is_valid(document) for validator in VALIDATORS] == [parser_says(slip.text)] * 2, slip.what


SCALARS = st.sampled_from(
    ["1", "0", "-1", "1.0", "2.5", "60%", "500m", "256Mi", "0.096 USD", "15s", "true", "no", "null", "''", "'7'", "x/y"]
)
PLACES = [
    "policies: {web: {workload: shop/web, replicas: {min: 0, max: 9}, availability: {HERE: VALUE}}}",
    "policies: {web: {workload: shop/web, replicas: {min: 0, max: 9}, HERE: VALUE}}",
    "policies: {web: {workload: shop/web, replicas: {min: 0, HERE: VALUE}}}",
    "policies: {web: {workload: shop/web, replicas: {min: 0, max: 9}, behaviour: {scale_up: {limits: [{change: 1, HERE: VALUE}]}}}}",
    "policies: {web: {workload: shop/web, replicas: {min: 0, max: 9}, rules: [{target_tracking: {metric: cpu, HERE: VALUE}}]}}",
    "pools: {general: {cluster: shop, nodes: {min: 0, max: 1}, simulated: {HERE: VALUE}}}",
    "defaults: {request: {HERE: VALUE}}",
    "sources: {prom: {prometheus: {HERE: VALUE}}}",
    "clusters: {shop: {swarm: {HERE: VALUE}}}",
    "service: {HERE: VALUE}",
]
KEYS = st.sampled_from(
    [
        *("floor", "surge", "traffic", "drain", "allow_gap", "mode", "rules", "max", "change", "per", "target", "tolerance"),
        *("cpu", "memory", "price", "labels", "nodes", "offering", "url", "token", "timeout", "endpoint", "engines"),
        *("interval", "listen", "store"),
    ]
)


@given(place=st.sampled_from(PLACES), key=KEYS, value=SCALARS)
def test_it_says_what_the_parser_says_of_any_value(place: str, key: str, value: str) -> None:
    text = "apiVersion: autoscaler/v1\n" + place.replace("HERE", key).replace("VALUE", value) + "\n"
    document = as_json(text)
    assume(document is not None)
    assert [validator.is_valid(document) for validator in VALIDATORS] == [parser_says(text)] * 2, text


def test_a_plugin_that_cannot_be_loaded_is_left_out() -> None:
    plugins = Plugins(rules=RULES[:1], providers=[*PROVIDERS[1:], failing("docker", ImportError("no docker"))])
    text = json.dumps(schema(plugins))
    assert '"swarm"' not in text
    assert '"schedule"' not in text
    assert '"haproxy"' in text


def test_without_plugins_it_is_still_a_schema() -> None:
    for draft in DRAFTS:
        draft.check_schema(schema(Plugins()))
