"""The real Terraform, with providers that know their real schema and nothing of a cloud."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = ROOT / "terraform"


@dataclass(frozen=True, slots=True)
class Terraform:
    """`tree`: a copy of our Terraform files, to change at will. `config`: the CLI's, which names the providers."""

    tree: Path
    config: Path

    def run(self, folder: str, *words: str) -> subprocess.CompletedProcess[str]:
        """A command in one folder of the tree."""
        alone = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
        env = {**alone, "TF_CLI_CONFIG_FILE": str(self.config), "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
        command = ["terraform", *words]
        return subprocess.run(command, cwd=self.tree / folder, env=env, capture_output=True, text=True, check=False)

    def ready(self, folder: str) -> None:
        """Modules that it calls are looked up; providers are there."""
        assert self.run(folder, "get", "-no-color").returncode == 0


def _shell(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", str(ROOT / ".ci" / script)], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def config() -> Path:
    """Built once for each version of plugin and schemas, and kept."""
    if (probed := _shell("terraform-probe")).returncode:
        pytest.skip(probed.stdout.strip())
    made = _shell("terraform-setup")
    assert made.returncode == 0, made.stderr
    return Path(made.stdout.strip()) / "terraform.rc"


@pytest.fixture
def terraform(config: Path, tmp_path: Path) -> Terraform:
    """A tree for each test."""
    shutil.copytree(MODULES, tmp_path / "terraform", ignore=shutil.ignore_patterns(".terraform*"))
    return Terraform(tmp_path / "terraform", config)
