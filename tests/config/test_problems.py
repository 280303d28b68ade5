"""What an author sees: the place, the line, a caret, and what to write instead."""

import pickle
from textwrap import dedent

import pytest

from autoscaler.config import PolicyErrors
from autoscaler.config.names import listed, meant, yaml_key
from autoscaler.config.places import Mark, Source
from autoscaler.config.problems import ProblemCode, Problems
from tests.config.bad import WHOLE, problems_of, read


def errors(text: str) -> PolicyErrors:
    with pytest.raises(PolicyErrors) as raised:
        read(text)
    return raised.value


def test_a_problem_shows_its_line_and_a_caret() -> None:
    told = str(errors(WHOLE.replace("max: 9", "max: nine")))
    assert told == dedent(
        """\
        x.yaml:11:29: a whole number is wanted here, found the text 'nine'
          11 |     replicas: {min: 1, max: nine}
             |                             ^^^^
             = write a whole number from 0 on, such as 4"""
    )


def test_several_problems_stand_apart_and_the_hint_counts_them() -> None:
    error = errors(WHOLE.replace("max: 9", "max: nine").replace("swarm", "swrm"))
    assert str(error).count("\n\n") == 1
    assert "2 places" in error.hint


def test_after_fifty_the_rest_is_counted() -> None:
    text = WHOLE + "".join(f"banana{number}: 1\n" for number in range(60))
    error = errors(text)
    assert str(error).endswith("\n\nand 10 more")
    assert len(error.problems) == 60


def test_all_problems_survive_a_process_boundary() -> None:
    error = errors("x: 1\n")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.hint, again.problems, again.exit_code) == (str(error), error.hint, error.problems, 5)


def test_a_long_line_is_cut_around_the_caret() -> None:
    line = f"apiVersion: [{'a, ' * 200}]"
    source = Source.of("x", line)
    problems = Problems()
    problems.add(ProblemCode.SYNTAX, Mark(source, 1, 301, 1), "here", "there")
    _, shown, caret, _ = str(problems.told()[0]).split("\n")
    assert len(shown) < 130
    assert shown[caret.index("^")] == line[300]


def test_what_a_terminal_would_obey_is_not_shown() -> None:
    told = str(errors("apiVersion: autoscaler/v1\nx\u202e\u2066: 1\n"))
    assert "\u202e" not in told
    assert "\u2066" not in told


def test_a_problem_at_the_end_of_a_file_has_no_line_to_show() -> None:
    (problem,) = problems_of("")
    assert str(problem).count("\n") == 1


@pytest.mark.parametrize(
    ("word", "guess"),
    [("replcas", "replicas"), ("Target-Tracking", "target_tracking"), ("stabilize", "stabilise"), ("banana", None), ("x" * 100_000, None)],
)
def test_what_was_probably_meant(word: str, guess: str | None) -> None:
    assert meant(word, ["replicas", "target_tracking", "stabilise", "mode"]) == guess


def test_many_names_are_listed_in_part() -> None:
    assert listed(["b", "a"]) == "a, b"
    assert listed([]) == "none"
    assert listed(map(str, range(100))).endswith("and 85 more")


def test_python_spells_some_keys_otherwise() -> None:
    assert [yaml_key(field) for field in ("for_", "api_version", "min")] == ["for", "apiVersion", "min"]
