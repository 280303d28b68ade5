"""Every example is a configuration for the plugins that ship with us, and its schema agrees."""

from pathlib import Path

import jsonschema
import pytest

from autoscaler.config import installed, load, schema
from tests.config.as_json import as_json
from tests.config.doubles import EXAMPLE_FILES, EXAMPLES

PLUGINS = installed()
FOLDERS = [EXAMPLES / "many-teams"]
FILES = EXAMPLE_FILES


def test_there_are_files_and_a_folder() -> None:
    assert len(FILES) > 3
    assert FOLDERS


@pytest.mark.parametrize("path", [*(path for path in FILES if path.parent == EXAMPLES), *FOLDERS], ids=lambda path: path.name)
def test_an_example_is_a_configuration(path: Path) -> None:
    (cluster,) = load([path], PLUGINS).clusters
    assert cluster.policies.policies
    assert cluster.pools


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_schema_of_the_installed_plugins_accepts_an_example(path: Path) -> None:
    jsonschema.Draft202012Validator(schema(PLUGINS)).validate(as_json(path.read_text()))
