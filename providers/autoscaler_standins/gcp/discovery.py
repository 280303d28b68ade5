"""Google's own published models, its discovery documents: which methods there are, and whether what they take and give is as they say.

https://developers.google.com/discovery/v1/reference/apis - the documents ship inside google-api-python-client.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

Json = Any
COMPUTE = "compute.v1"
APIS = {COMPUTE: "/compute/v1/", **dict.fromkeys(("cloudbilling.v1", "cloudresourcemanager.v3", "pubsub.v1", "monitoring.v3"), "/")}
"""Where the paths of each begin."""

DOCUMENTS = "discovery_cache/documents"
INTEGERS = ("int32", "uint32", "int64", "uint64")
KINDS: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "array": list,
    "object": dict,
}


class Unlike(Exception):  # noqa: N818 - what is said of a value, before anybody makes it an error
    """A value is not as the model says; with its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """`id`: as `compute.instanceGroupManagers.get`. `params`: those of its path and query. `takes`, `gives`: names of schemas of `api`."""

    api: str
    id: str
    verb: str
    path: re.Pattern[str]
    params: Mapping[str, Mapping[str, Json]]
    takes: str = ""
    gives: str = ""

    @property
    def mutates(self) -> bool:
        """Whether it changes anything: some that only list are sent by POST."""
        return self.verb != "GET" and not self.id.rpartition(".")[2].startswith(("list", "wait", "testIamPermissions"))


@cache
def document(api: str = COMPUTE) -> Mapping[str, Json]:
    """All of it, once per process."""
    found: Mapping[str, Json] = json.loads((files("googleapiclient") / DOCUMENTS / f"{api}.json").read_bytes())
    return found


@cache
def methods(api: str = COMPUTE) -> Mapping[tuple[str, int], tuple[Method, ...]]:
    """By verb and number of parts of the path."""
    found: dict[tuple[str, int], list[Method]] = {}
    for raw in _raw(document(api)["resources"]):
        method = _method(api, raw)
        found.setdefault((method.verb, raw["flatPath"].count("/")), []).append(method)
    return {key: tuple(each) for key, each in found.items()}


def find(verb: str, path: str) -> tuple[Method, Mapping[str, str]] | None:
    """The method that is asked for, and what its path says."""
    apis = [api for api, prefix in APIS.items() if path.startswith(prefix)]
    rests = ((api, path.removeprefix(APIS[api])) for api in (apis[:1] if COMPUTE in apis else apis))
    found = ((one, one.path.fullmatch(rest)) for api, rest in rests for one in methods(api).get((verb, rest.count("/")), ()))
    return next(((one, match.groupdict()) for one, match in found if match), None)


def check_query(method: Method, query: Mapping[str, str]) -> None:
    """Unlike for what is not known, missing or of another type."""
    known = {**document(method.api)["parameters"], **method.params}
    for name, text in query.items():
        if name not in known:
            raise Unlike(f"Invalid JSON payload received. Unknown name {name!r}")
        _check_text(known[name], text, name)
    missing = [name for name, one in method.params.items() if one.get("required") and one["location"] == "query" and name not in query]
    if missing:
        raise Unlike(f"Required field '{missing[0]}' not specified")


def check(schema: str, value: Json, api: str = COMPUTE) -> None:
    """Unlike where it is not of this schema."""
    _check({"$ref": schema}, value, schema, document(api)["schemas"])


def _method(api: str, raw: Mapping[str, Json]) -> Method:
    return Method(
        api=api,
        id=raw["id"],
        verb=raw["httpMethod"],
        path=re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", raw["flatPath"])),
        params=raw.get("parameters", {}),
        takes=raw.get("request", {}).get("$ref", ""),
        gives=raw.get("response", {}).get("$ref", ""),
    )


def _raw(resources: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    for one in resources.values():
        yield from one.get("methods", {}).values()
        yield from _raw(one.get("resources", {}))


def _check_text(schema: Mapping[str, Json], text: str, at: str) -> None:
    wrong = (schema["type"] == "integer" and not re.fullmatch(r"-?[0-9]+", text)) or (
        schema["type"] == "boolean" and text not in ("true", "false")
    )
    if wrong:
        raise Unlike(f"Invalid value at '{at}' (TYPE_{schema['type'].upper()}), {text!r}")
    if schema["type"] == "string":
        _check_word(schema, text, at)


def _check(schema: Mapping[str, Json], value: Json, at: str, schemas: Mapping[str, Json]) -> None:
    if "$ref" in schema:
        schema = schemas[schema["$ref"]]
    kind = schema.get("type", "any")
    if kind == "any":
        return
    if not _is(kind, value):
        raise Unlike(f"Invalid value at '{at}' (TYPE_{kind.upper()}), {value!r}")
    if kind == "string":
        _check_word(schema, value, at)
    elif kind == "array":
        for place, one in enumerate(value):
            _check(schema["items"], one, f"{at}[{place}]", schemas)
    elif kind == "object":
        _check_fields(schema, value, at, schemas)


def _is(kind: str, value: Json) -> bool:
    """Python's booleans are integers, JSON's are not."""
    return isinstance(value, KINDS[kind]) and (kind == "boolean") == isinstance(value, bool)


def _check_word(schema: Mapping[str, Json], text: str, at: str) -> None:
    if schema.get("format") in INTEGERS and not re.fullmatch(r"-?[0-9]+", text):
        raise Unlike(f"Invalid value at '{at}' (TYPE_{schema['format'].upper()}), {text!r}")
    if "enum" in schema and text not in schema["enum"]:
        raise Unlike(f"Invalid value at '{at}', {text!r}: not one of {', '.join(schema['enum'])}")


def _check_fields(schema: Mapping[str, Json], value: Mapping[str, Json], at: str, schemas: Mapping[str, Json]) -> None:
    fields, more = schema.get("properties", {}), schema.get("additionalProperties")
    for name, one in value.items():
        inner = fields.get(name, more)
        if inner is None:
            raise Unlike(f"Invalid JSON payload received. Unknown name {name!r} at '{at}': Cannot find field.")
        _check(inner, one, f"{at}.{name}", schemas)
