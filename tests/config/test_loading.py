"""From disk: files, folders, and what is neither."""

import os
from pathlib import Path

import pytest

from autoscaler.config import PolicyErrors, Problem, load
from autoscaler.config.limits import FILE_BYTES
from autoscaler.errors import PolicyError
from tests.config.bad import WHOLE
from tests.config.doubles import PLUGINS

CLUSTERS, _, POLICIES = WHOLE.partition("policies:\n")
POLICIES = "apiVersion: autoscaler/v1\npolicies:\n" + POLICIES


def refused(*paths: Path) -> tuple[Problem, ...]:
    with pytest.raises(PolicyErrors) as raised:
        load(paths, PLUGINS)
    return raised.value.problems


def test_a_folder_is_one_configuration(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(CLUSTERS)
    (tmp_path / "a.yml").write_text(POLICIES)
    (tmp_path / ".hidden.yaml").write_text("no policy")
    (tmp_path / "README.md").write_text("no policy")
    found = load([tmp_path], PLUGINS)
    assert [name for name, _ in found.files] == [str(tmp_path / "a.yml"), str(tmp_path / "b.yaml")]
    assert found.clusters[0].policies.policies[0].name == "web"


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(WHOLE)
    assert len(load([path, tmp_path, path], PLUGINS).files) == 1


def test_the_same_name_in_two_files_is_an_error_of_the_second(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(POLICIES if name == "b.yaml" else WHOLE)
    assert [(Path(one.file).name, one.code, one.line) for one in refused(tmp_path)] == [
        ("b.yaml", "defined_twice", 3),
        ("b.yaml", "defined_twice", 4),
    ]


def test_what_cannot_be_read_is_told_with_the_rest(tmp_path: Path) -> None:
    empty, pipe, bad = tmp_path / "empty", tmp_path / "pipe.yaml", tmp_path / "bad.yaml"
    empty.mkdir()
    os.mkfifo(pipe)
    bad.write_text("apiVersion: autoscaler/v2\n")
    problems = refused(tmp_path / "missing.yaml", empty, pipe, bad)
    assert {(Path(one.file).name, one.problem) for one in problems} == {
        ("missing.yaml", "there is no such file"),
        ("empty", "the folder holds no *.yaml file"),
        ("pipe.yaml", "this is no regular file"),
        ("bad.yaml", "'autoscaler/v2' is none of autoscaler/v1"),
    }
    assert all(one.hint for one in problems)


def test_names_that_an_unreadable_file_may_define_are_not_called_unknown(tmp_path: Path) -> None:
    (tmp_path / "policies.yaml").write_text(POLICIES)
    assert [one.code for one in refused(tmp_path / "policies.yaml", tmp_path / "gone.yaml")] == ["unreadable"]


@pytest.mark.parametrize("name", ["nul\0.yaml", "x" * 5000])
def test_a_name_no_file_can_have_is_no_traceback(tmp_path: Path, name: str) -> None:
    assert [one.code for one in refused(tmp_path / name)] == ["unreadable"]


def test_a_huge_file_is_refused_without_being_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as opened:
        opened.truncate(FILE_BYTES * 4096)
    assert [one.code for one in refused(path)] == ["too_large"]


def test_a_folder_larger_than_allowed_is_refused(tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / f"{number}.yaml").write_text("#" * FILE_BYTES)
    assert "together are larger" in refused(tmp_path)[0].problem


def test_a_link_that_leads_to_itself_is_told(tmp_path: Path) -> None:
    path = tmp_path / "loop.yaml"
    path.symlink_to(path)
    assert [one.code for one in refused(path)] == ["unreadable"]


def test_a_file_that_fails_while_it_is_read_is_told() -> None:
    assert [one.code for one in refused(Path("/proc/self/mem"))] == ["unreadable"]


def test_no_file_at_all_is_told() -> None:
    with pytest.raises(PolicyError, match="there is no policy file"):
        load([], PLUGINS)
