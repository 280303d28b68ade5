"""Where Terraform cannot be run, CI says so and why."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.terraform.conftest import ROOT

NEW, OLD = "Terraform v1.11.4", "Terraform v1.9.8"


@pytest.mark.parametrize(
    ("there", "version", "said"),
    [
        pytest.param(("terraform", "go", "npm"), NEW, "", id="all is there"),
        pytest.param(("go", "npm"), NEW, "no terraform on the PATH", id="no Terraform"),
        pytest.param(("terraform", "npm"), NEW, "no go on the PATH", id="nothing to build the plugin with"),
        pytest.param(("terraform", "go"), NEW, "no npm on the PATH", id="nothing to fetch schemas with"),
        pytest.param(("terraform", "go", "npm"), OLD, "terraform is older than 1.11", id="an old Terraform"),
        pytest.param(("terraform", "go", "npm"), "?", "terraform is older than 1.11", id="something else of that name"),
    ],
)
def test_what_lacks_is_told(tmp_path: Path, there: tuple[str, ...], version: str, said: str) -> None:
    (tmp_path / "sed").symlink_to(shutil.which("sed") or "")
    for name in there:
        (tmp_path / name).write_text(f"#!/bin/sh\necho '{version}'\n")
        (tmp_path / name).chmod(0o755)
    shell = shutil.which("sh") or ""
    ran = subprocess.run(
        [shell, ROOT / ".ci" / "terraform-probe"], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert (ran.stdout.strip(), ran.returncode) == (said, int(bool(said)))
