"""Two thousand spoilt files: none ends in a traceback, none takes long, and the author is sent to the right line."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from time import process_time  # noqa: TID251 - how long reading takes is what is tested here, whatever else the machine does

import pytest

from autoscaler.config import PolicyErrors, installed, parse
from tests.config.doubles import EXAMPLE_FILES, EXAMPLES
from tests.config.mutations import Slip, single_key_slips, torn

PLUGINS = installed()
TEXTS = {path.name: path.read_text() for path in EXAMPLE_FILES if path.parent == EXAMPLES}
SLIPS, TORN = 1300, 700
SOON = 10
"""Seconds: what goes off takes far more, and on a busy machine half a second may be a whole one."""

KINDS = ("renamed", "wrong", "doubled", "removed")


def slips() -> Iterator[tuple[str, Slip]]:
    """Different files, each with one key spoilt."""
    seen: set[str] = set()
    for seed in range(100_000):
        for name, text in TEXTS.items():
            for slip in single_key_slips(text, seed):
                if slip.text not in seen:
                    seen.add(slip.text)
                    yield name, slip


def outcome(name: str, text: str | bytes) -> tuple[PolicyErrors | None, float]:
    """What reading ends with, nothing if well, and the seconds it takes. Anything but PolicyErrors fails the test."""
    begun = process_time()
    try:
        parse([(name, text)], PLUGINS)
    except PolicyErrors as error:
        return error, process_time() - begun
    return None, process_time() - begun


@pytest.fixture(scope="module")
def read_slips() -> list[tuple[Slip, PolicyErrors | None, float]]:
    return [(slip, *outcome(name, slip.text)) for name, slip in islice(slips(), SLIPS)]


def test_a_spoilt_key_is_told_at_its_line(read_slips: list[tuple[Slip, PolicyErrors | None, float]]) -> None:
    told = Counter[str]()
    right = Counter[str]()
    for slip, error, _ in read_slips:
        if error:
            told[slip.kind] += 1
            right[slip.kind] += error.problems[0].line == slip.line
    assert all(told[kind] >= 80 for kind in KINDS), told
    assert right.total() >= 0.95 * told.total(), (right, told)
    assert all(right[kind] >= 0.90 * told[kind] for kind in KINDS), (right, told)


def test_a_spoilt_file_is_the_authors_business(read_slips: list[tuple[Slip, PolicyErrors | None, float]]) -> None:
    assert {error.exit_code for _, error, _ in read_slips if error} == {5}
    assert all(str(error).count("\n") >= 1 for _, error, _ in read_slips if error)


def test_a_spoilt_key_is_read_soon(read_slips: list[tuple[Slip, PolicyErrors | None, float]]) -> None:
    assert max(seconds for _, _, seconds in read_slips) < SOON


def test_torn_bytes_end_well_and_soon() -> None:
    texts = [(name, text.encode()) for name, text in TEXTS.items()]
    spoilt = [(texts[seed % len(texts)][0], torn(texts[seed % len(texts)][1], seed)) for seed in range(TORN)]
    outcomes = [outcome(name, data) for name, data in spoilt]
    assert max(seconds for _, seconds in outcomes) < SOON
    assert sum(error is not None for error, _ in outcomes) > TORN / 2


def test_there_are_two_thousand_different_files(read_slips: list[tuple[Slip, PolicyErrors | None, float]]) -> None:
    torn_files = {torn(text.encode(), seed) for seed in range(TORN) for text in list(TEXTS.values())[seed % len(TEXTS) :][:1]}
    assert len({slip.text for slip, _, _ in read_slips}) == SLIPS
    assert len(torn_files) > 0.9 * TORN
