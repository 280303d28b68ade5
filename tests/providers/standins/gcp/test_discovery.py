"""What is asked and answered is held to the vendor's published model."""

from typing import Any

import pytest

from autoscaler_standins.gcp import discovery
from autoscaler_standins.gcp.discovery import Unlike

LIST = "/compute/v1/projects/p/zones/z/instanceGroupManagers/g/listManagedInstances"


def test_a_path_and_a_verb_are_one_method() -> None:
    found = discovery.find("POST", LIST)
    assert found
    assert (found[0].id, found[0].mutates) == ("compute.instanceGroupManagers.listManagedInstances", False)
    assert found[1] == {"project": "p", "zone": "z", "instanceGroupManager": "g"}


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        pytest.param("GET", LIST, id="what is sent by POST is not there by GET"),
        pytest.param("POST", LIST.replace("/compute/v1", ""), id="nothing is outside its prefix"),
        pytest.param("POST", f"{LIST}/more", id="nothing is below a method"),
    ],
)
def test_what_is_not_in_the_model_is_no_method(verb: str, path: str) -> None:
    assert discovery.find(verb, path) is None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"instance": ["a"]}, id="a field of another name"),
        pytest.param({"instances": "a"}, id="a text for a list"),
        pytest.param({"instances": [1]}, id="a number for a text"),
        pytest.param({"instances": ["a"], "skipInstancesOnValidationError": 1}, id="a number for a truth"),
    ],
)
def test_another_body_is_unlike_the_model(body: dict[str, Any]) -> None:
    with pytest.raises(Unlike):
        discovery.check("InstanceGroupManagersDeleteInstancesRequest", body)


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param({"currentAction": "NAPPING"}, id="a word of no list"),
        pytest.param({"id": 7}, id="a bare number where 64 bits are sent as a text"),
        pytest.param({"lastAttempt": {"errors": {"errors": [{"kode": "x"}]}}}, id="a strange field deep inside"),
    ],
)
def test_an_answer_is_held_to_it_as_well(shown: dict[str, Any]) -> None:
    with pytest.raises(Unlike):
        discovery.check("ManagedInstance", shown)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        pytest.param({}, "'size'", id="what is required is missing"),
        pytest.param({"size": "many"}, "TYPE_INTEGER", id="no number"),
        pytest.param({"size": "2", "requestID": "x"}, "requestID", id="a name in another spelling"),
    ],
)
def test_a_query_is_held_to_it(query: dict[str, str], words: str) -> None:
    found = discovery.find("POST", LIST.replace("listManagedInstances", "resize"))
    assert found
    with pytest.raises(Unlike, match=words):
        discovery.check_query(found[0], query)
