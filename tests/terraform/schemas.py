"""Makes a Terraform provider's schema, as `terraform providers schema -json` prints it, from HashiCorp's own bindings of it in JavaScript.

The bindings know of each attribute its name and type, and whether it may or must be set or is only to be read. They do not know which
optional ones the provider fills in by itself, nor how often a block may stand there.

    python schemas.py PACKAGE.tgz aws FOLDER_OF_MODULES OUT.json
"""

import json
import re
import sys
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]

SIMPLE = {"string": "string", "number": "number", "boolean": "bool"}
HOLDING = {"List": "list", "Set": "set", "Map": "map"}
PROVIDER = "package/lib/provider/index.js"
FUNCTION = re.compile(r"^function (\w+)ToHclTerraform\(struct\) \{(.*?)^\}", re.MULTILINE | re.DOTALL)
CLASS = re.compile(r"^class (\w+) extends [^\n]*\n(.*?)^\}", re.MULTILINE | re.DOTALL)
ATTRIBUTE = re.compile(
    r'^ +(\w+): \{\n +value: (.*?),\n +isBlock: (true|false),\n +type: "(\w+)",\n +storageClassType: "(\w*)",', re.MULTILINE
)
READ_ONLY = re.compile(
    r"^    // (\w+) - computed: true, optional: false, required: false\n    get \w+\(\) \{(.*?)^    \}", re.MULTILINE | re.DOTALL
)
SETTER = re.compile(r"^    (?:set |put)(\w+)\(", re.MULTILINE)
RESET = re.compile(r"^    reset(\w+)\(\)", re.MULTILINE)
MAPPED = re.compile(r"(?<![.\w])(?!cdktf\b)(\w+)ToHclTerraform")


class Bindings:
    """One file of them: `functions`, which tell blocks, and `classes`, which tell what of them may be set."""

    def __init__(self, text: str) -> None:
        self.functions = {one[1]: one[2] for one in FUNCTION.finditer(text)}
        self.classes = {one[1]: one[2] for one in CLASS.finditer(text)}

    def whole(self) -> Json:
        """The outermost block."""
        name = next(name for name, body in self.classes.items() if "synthesizeHclAttributes" in body)
        body = self.classes[name]
        return self._block(body[body.index("synthesizeHclAttributes") :], body)

    def _block(self, told: str, owner: str) -> Json:
        attributes = {one[1]: {"type": _read_type(one[2]), "computed": True} for one in READ_ONLY.finditer(owner)}
        block: Json = {"attributes": attributes, "block_types": {}}
        for name, value, is_block, kind, held in ATTRIBUTE.findall(told):
            nested = MAPPED.search(value)
            if is_block == "true" and nested and nested[1] in self.functions:
                block["block_types"][name] = self._nested(nested[1], kind, required=_required(name, owner))
            else:
                attributes[name] = {"type": _type(kind, held), ("required" if _required(name, owner) else "optional"): True}
        return block

    def _nested(self, function: str, kind: str, *, required: bool) -> Json:
        owner = self.classes.get(f"{function[0].upper()}{function[1:]}OutputReference", "")
        mode = "single" if kind == "struct" else kind
        return {
            "nesting_mode": mode,
            "min_items": int(required and mode != "single"),
            "block": self._block(self.functions[function], owner),
        }


def _required(name: str, owner: str) -> bool:
    """What can be set and never taken back."""
    own = name.replace("_", "").lower()
    return own in map(str.lower, SETTER.findall(owner)) and own not in map(str.lower, RESET.findall(owner))


def _type(kind: str, held: str) -> Any:  # noqa: ANN401 - Terraform's own notation: a word, or lists of words
    for ending, holding in HOLDING.items():
        inner = held.removesuffix(ending)
        if held.endswith(ending) and inner in SIMPLE:
            return [holding if kind == "simple" else kind, SIMPLE[inner]]
    return SIMPLE.get(held, "dynamic")


def _read_type(getter: str) -> Any:  # noqa: ANN401 - as _type
    asked = re.search(r"get(String|Number|Boolean|List)\w*Attribute", getter)
    return {"String": "string", "Number": "number", "Boolean": "bool", "List": ["list", "string"]}[asked[1]] if asked else "dynamic"


def _places(wanted: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Where each is in the package, with its own name."""
    for name in wanted:
        kind = name.removeprefix("data.")
        provider, _, rest = kind.partition("_")
        folder = rest.replace("_", "-")
        yield f"package/lib/{f'data-{provider}-{folder}' if name != kind else folder}/index.js", name


def _filled(block: Json, *, read: bool) -> Json:
    """Providers give an id themselves, where nobody does; and where something is only `read`, all that was not asked with."""
    for name, known in block["attributes"].items():
        if name == "id" or (read and not known.get("required")):
            known |= {"optional": known.get("optional", name == "id"), "computed": True}
            known.pop("required", None)
    return {"version": 0, "block": block}


def schema_of(package: Path, wanted: Iterable[str]) -> Json:
    """Of the provider itself, and of what is wanted and there."""
    places = dict(_places(wanted))
    made: Json = {"provider": {}, "resource_schemas": {}, "data_source_schemas": {}}
    with tarfile.open(package) as opened:
        for member in opened:
            if member.name != PROVIDER and member.name not in places:
                continue
            file = opened.extractfile(member)
            name = places.get(member.name, "")
            read = name.startswith("data.")
            found = _filled(Bindings(file.read().decode()).whole(), read=read) if file else {}
            if member.name == PROVIDER:
                made["provider"] = found
            else:
                made["data_source_schemas" if read else "resource_schemas"][name.removeprefix("data.")] = found
    return made


USED = re.compile(r'^(resource|data) "(\w+)"', re.MULTILINE)


def used(folder: Path, provider: str) -> set[str]:
    """The types of this provider that Terraform files below a folder name."""
    found = {each for path in folder.rglob("*.tf") for each in USED.findall(path.read_text())}
    return {name if kind == "resource" else f"data.{name}" for kind, name in found if name.startswith(f"{provider}_")}


if __name__ == "__main__":
    package, provider, modules, out = sys.argv[1:]
    Path(out).write_text(json.dumps(schema_of(Path(package), used(Path(modules), provider))))
