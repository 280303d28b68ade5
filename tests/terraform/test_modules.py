"""Every module is one that the real Terraform takes, against its provider's real schema; what is wrong in one is found."""

import re
from pathlib import Path

import pytest

from tests.terraform.conftest import MODULES, Terraform

FOLDERS = sorted(path.parent.relative_to(MODULES).as_posix() for path in MODULES.rglob("versions.tf"))
TESTED = [each for each in FOLDERS if (MODULES / each / "tests").is_dir()]


@pytest.mark.real
@pytest.mark.parametrize("folder", FOLDERS)
class TestEveryFolder:
    def test_is_valid(self, terraform: Terraform, folder: str) -> None:
        terraform.ready(folder)
        found = terraform.run(folder, "validate", "-no-color")
        assert found.returncode == 0, found.stderr

    def test_is_formatted(self, terraform: Terraform, folder: str) -> None:
        assert terraform.run(folder, "fmt", "-check", "-recursive", "-diff").stdout == ""


@pytest.mark.real
@pytest.mark.parametrize("folder", TESTED)
def test_its_own_tests_pass(terraform: Terraform, folder: str) -> None:
    terraform.ready(folder)
    found = terraform.run(folder, "test", "-no-color")
    assert found.returncode == 0, found.stdout
    closing = re.search(r"^Success! (\d+) passed, 0 failed\.$", found.stdout, flags=re.MULTILINE)
    assert closing
    assert int(closing[1]) == runs(MODULES / folder)


def runs(module: Path) -> int:
    """How many are written down."""
    return sum(len(re.findall(r'^run "', path.read_text(), flags=re.MULTILINE)) for path in module.glob("tests/*.tftest.hcl"))


@pytest.mark.real
@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        pytest.param("max_size ", "maxsize ", 'Did you mean "max_size"?', id="a typo in an attribute"),
        pytest.param("http_tokens ", "http_token ", 'An argument named "http_token" is not expected', id="a typo inside a block"),
        pytest.param("metadata_options {", "metadata {", 'Blocks of type "metadata" are not expected', id="a typo in a block's name"),
        pytest.param("aws_autoscaling_group", "aws_autoscaling_gruop", "does not support resource type", id="a typo in a type"),
        pytest.param("= var.max\n", '= "many"\n', "a number is required", id="a word for a number"),
        pytest.param("  max_size                  = var.max\n", "", '"max_size" is required', id="what must be there is not"),
        pytest.param("capacity_rebalance    = false", 'arn = "mine"', "arn is only to be read", id="what is only to be read is set"),
        pytest.param("var.market", "var.markt", "has not been declared", id="a typo in a variable"),
        pytest.param("here.region", "here.regoin", 'attribute named "regoin"', id="a typo in what is read"),
    ],
)
def test_what_is_wrong_is_found(terraform: Terraform, right: str, wrong: str, told: str) -> None:
    changed = next(path for path in (terraform.tree / "modules" / "aws-pool").glob("*.tf") if right in path.read_text())
    changed.write_text(changed.read_text().replace(right, wrong, 1))
    found = terraform.run("modules/aws-pool", "validate", "-no-color")
    assert found.returncode == 1
    assert told in " ".join(found.stderr.split())


@pytest.mark.real
def test_a_module_that_forgets_its_promise_fails_its_tests(terraform: Terraform) -> None:
    main = terraform.tree / "modules" / "aws-pool" / "main.tf"
    main.write_text(main.read_text().replace('"required"', '"optional"'))
    found = terraform.run("modules/aws-pool", "test", "-no-color", "-filter=tests/made.tftest.hcl")
    assert found.returncode == 1
    assert "IMDSv2" in found.stdout + found.stderr
