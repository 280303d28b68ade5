"""What would kill or stall a parser is refused before one sees it, or while its events arrive."""

from time import process_time  # noqa: TID251 - that a bomb does not go off is seen by the time it takes

import pytest

from autoscaler.config import PolicyErrors, parse
from autoscaler.config.limits import ALIASES, DEPTH, FILE_BYTES, ParseError, check_nesting, decoded
from autoscaler.config.places import Source
from autoscaler.config.problems import Problems
from autoscaler.config.yaml_nodes import Listing, Mapping, compose
from tests.config.bad import WHOLE, problems_of, read, told
from tests.config.doubles import PLUGINS

HEAD = "apiVersion: autoscaler/v1\n"


def laughs(levels: int, each: int) -> str:
    """An anchor of `each` words, and anchors of `each` aliases of the one before."""
    lines = ["a0: &a0 [" + ", ".join(["ha"] * each) + "]"]
    lines += [f"a{level}: &a{level} [" + ", ".join([f"*a{level - 1}"] * each) + "]" for level in range(1, levels)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("[" * 200_000, "too_deep", id="200,000 brackets"),
        pytest.param("{a: " * 200_000, "too_deep", id="200,000 maps in braces"),
        pytest.param('["]",' * 200_000, "too_deep", id="brackets that quotes seem to close"),
        pytest.param('["\n]",' * 100_000, "too_deep", id="brackets that quotes over two lines seem to close"),
        pytest.param("- " * 200_000 + "a", "too_deep", id="200,000 dashes"),
        pytest.param("? " * 200_000 + "a", "too_deep", id="200,000 question marks"),
        pytest.param("a:\n- " + "- " * 70 + "b\n", "too_deep", id="dashes below a key"),
        pytest.param("".join(f"{' ' * level}a:\n" for level in range(1000)), "too_deep", id="1,000 indents"),
        pytest.param("a: 'x\n" * 3 + "[" * 200_000, "too_deep", id="brackets behind a quote that is left open"),
        pytest.param(laughs(9, 9), "too_large", id="a billion laughs"),
        pytest.param("a: &a 1\nb: [" + "*a, " * (ALIASES + 1) + "]\n", "too_large", id="more aliases than allowed"),
        pytest.param("a" * (FILE_BYTES + 1), "too_large", id="one byte too many"),
        pytest.param(b"\xff" * (FILE_BYTES + 1), "too_large", id="too many bytes of no text at all"),
        pytest.param("'" + "a\n" * 500_000, "syntax", id="a quote over half a million lines"),
    ],
)
def test_a_bomb_is_refused_within_a_second(text: str | bytes, code: str) -> None:
    begun = process_time()
    (problem,) = problems_of(text)
    assert problem.code == code
    assert process_time() - begun < 1


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 100, id="brackets"),
        pytest.param("[\n" * 100, id="brackets on lines of their own"),
        pytest.param("a:\n  - {b: [" + "{c: [" * 100, id="braces below keys"),
        pytest.param("- " * 100 + "a", id="dashes"),
        pytest.param("".join(f"{' ' * level}a:\n" for level in range(100)), id="indents"),
    ],
)
def test_depth_is_refused_before_anything_is_parsed(text: str) -> None:
    with pytest.raises(ParseError, match="nested deeper than 64 levels"):
        check_nesting(Source.of("x", text))


def test_as_deep_as_allowed_is_read() -> None:
    assert isinstance(compose(Source.of("x", "[" * DEPTH + "]" * DEPTH), Problems()), Listing)
    with pytest.raises(ParseError, match="nested deeper"):
        compose(Source.of("x", "[" * (DEPTH + 1) + "]" * (DEPTH + 1)), Problems())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a: '" + "[" * 100 + "'\n", id="in single quotes"),
        pytest.param('a: "' + "[" * 100 + '"\n', id="in double quotes"),
        pytest.param("a: b # " + "[" * 100 + "\n", id="in a comment"),
        pytest.param("".join(f"k{number}: rate(x[{number}m\n" for number in range(100)), id="one in each of many sections"),
        pytest.param("a:\n" + "  - {b: [c]}\n" * 1000, id="opened and closed a thousand times"),
        pytest.param("a:\n" + "  b:\n    c: d\n  e:\n" * 1000, id="in and out a thousand times"),
    ],
)
def test_brackets_that_nest_nothing_are_no_depth(text: str) -> None:
    check_nesting(Source.of("x", text))


def test_a_hundred_aliases_are_fine() -> None:
    text = "a: &a 1\nb: [" + "*a, " * ALIASES + "]\n"
    assert isinstance(compose(Source.of("x", text), Problems()), Mapping)


def test_an_alias_stands_for_its_value() -> None:
    text = WHOLE.replace("{min: 1, max: 4}", "&few {min: 1, max: 4}").replace("{min: 1, max: 9}", "*few")
    assert read(text).clusters[0].policies.policies[0].bounds.max == 4


def test_a_problem_behind_an_alias_is_told_once() -> None:
    text = WHOLE.replace("{min: 1, max: 4}", "&few {min: 1, max: x}").replace("{min: 1, max: 9}", "*few")
    assert told(text) == ["wrong_type 7:63"]


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert read(b"\xef\xbb\xbf" + WHOLE.encode()).clusters


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_are_counted_whatever_ends_them(ending: str) -> None:
    assert told((HEAD + "# one\n# two\nx: 1\n").replace("\n", ending)) == ["unknown_key 4:1"]


def test_a_million_slips_are_counted_and_a_few_told() -> None:
    text = HEAD + "".join(f"x{number}: 1\n" for number in range(40_000))
    problems = problems_of(text)
    assert len(problems) == 1000


def test_files_are_bounded_together() -> None:
    text = "#" * (FILE_BYTES - 10)
    found = problems_of(text, text, text)
    assert {problem.code for problem in found} == {"unreadable"}
    nine = [("x.yaml", text)] * 9
    with pytest.raises(PolicyErrors, match="together are larger than 8 MiB"):
        parse(nine, PLUGINS)


def test_text_that_is_no_text_is_told_where() -> None:
    with pytest.raises(ParseError) as raised:
        decoded("x", b"ok\nok \xc3(")
    assert (raised.value.at.line, raised.value.at.column) == (2, 4)
