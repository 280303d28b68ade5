"""A lane that has set up all it needs must not be green because its tests were skipped."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).with_name("conftest.py")


@pytest.mark.parametrize(
    ("body", "option", "green"),
    [
        pytest.param("def test_it(): pytest.skip('no engine')", "--no-skips", False, id="a skipped test is red"),
        pytest.param("pytest.importorskip('no_such_thing')", "--no-skips", False, id="a skipped module is red"),
        pytest.param("@pytest.mark.xfail\ndef test_it(): assert 0", "--no-skips", True, id="an expected failure is not"),
        pytest.param("def test_it(): pass", "--no-skips", True, id="a passing test is green"),
        pytest.param("def test_it(): pytest.skip('no engine')", "-q", True, id="elsewhere a skip is a skip"),
    ],
)
def test_skips_count_where_they_must(tmp_path: Path, body: str, option: str, *, green: bool) -> None:
    shutil.copy(CONFTEST, tmp_path)
    (tmp_path / "test_it.py").write_text(f"import pytest\n{body}\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--rootdir={tmp_path}", option, str(tmp_path)]
    # Plugins that happen to be installed are none of it, and some take seconds to load.
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    ran = subprocess.run(command, cwd=tmp_path, env=alone, capture_output=True, text=True, check=False)
    assert (ran.returncode == 0) is green, ran.stdout
