"""Rule 1, by construction: what only looks never loads a module that can change something."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "policies/examples/simulated-shop.yaml"
SCRIPT = """
import sys
from autoscaler.cli.main import run
try:
    run()
except SystemExit as end:
    code = end.code
writers = [name for name in sys.modules if name.startswith("autoscaler") and ("writer" in name or name == "autoscaler.execution")]
print(code, writers, file=sys.stderr)
"""


@pytest.mark.parametrize("command", ["observe", "decide", "plan", "status"])
def test_a_dry_command_loads_no_writer_and_no_execution(command: str, tmp_path: Path) -> None:
    words = [sys.executable, "-c", SCRIPT, command, str(SHOP)]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False)
    assert ended.stderr.splitlines()[-1] == "0 []", ended.stderr


def test_what_it_proves_would_show(tmp_path: Path) -> None:
    script = SCRIPT.replace("import sys\n", "import sys\nimport autoscaler.execution\n", 1)
    words = [sys.executable, "-c", script, "plan", str(SHOP)]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False)
    assert "autoscaler.contracts.pool_writer" in ended.stderr.splitlines()[-1]
