"""Measured figures, shown at the end of the run, also of tests that pass."""

import pytest

FIGURES = pytest.StashKey[list[str]]()


class Report:
    """Takes lines down for the end of the run."""

    def __init__(self, config: pytest.Config) -> None:
        self._lines = config.stash.setdefault(FIGURES, [])

    def __call__(self, words: str) -> None:
        self._lines.append(words)
