"""The one place that knows HiGHS: linear programs whose columns come one after another, solved on one thread, the same each time."""

from dataclasses import dataclass

import numpy as np

from autoscaler.placement.arrays import Floats

try:
    import highspy
except ImportError:  # pragma: no cover - depends on what is installed
    highspy = None  # type: ignore[assignment]

OPTIONS: dict[str, bool | int | str] = {"output_flag": False, "threads": 1, "random_seed": 0, "parallel": "off", "simplex_strategy": 0}
"""The strategy leaves HiGHS the choice: where columns came it goes on by the primal method, several times faster than by the dual one."""

PATIENCE, FEW_ROWS = 20, 100
"""Steps of the simplex method for each row, or for so many, after which it goes round in circles: one to three are what it takes."""

SOLVES = highspy is not None


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """How much of each column is taken, and what each row costs."""

    taken: Floats
    costs: Floats


class Program:
    """Minimise the costs of columns that are not negative; each row reaches its lower bound and stays under its upper.

    `large` is a cost as they are: what is too small to matter is told by that.
    """

    def __init__(self, lower: Floats, upper: Floats, large: float) -> None:
        self._large = large
        # The class above this one asks for callbacks, and with them comes a banner on the caller's standard output.
        self._solver = highspy._core._Highs()  # noqa: SLF001
        for option, value in {**OPTIONS, "simplex_iteration_limit": PATIENCE * (FEW_ROWS + len(lower))}.items():
            self._solver.setOptionValue(option, value)
        none = np.zeros(len(lower) + 1, np.int32), np.zeros(0, np.int32), np.zeros(0)
        self._solver.addRows(len(lower), lower, upper, 0, *none)

    def add(self, costs: Floats, start: list[int], rows: list[int], values: list[float]) -> None:
        """Columns, compressed: column c has `values[start[c] : start[c + 1]]` in those rows."""
        parts = np.array(start, np.int32), np.array(rows, np.int32), np.array(values)
        self._solver.addCols(
            len(costs), costs / self._large, np.zeros(len(costs)), np.full(len(costs), highspy.kHighsInf), len(rows), *parts
        )

    def solved(self) -> Solved | None:
        """The optimum; None where HiGHS finds none."""
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = self._solver.getSolution()
        return Solved(np.array(solution.col_value), self._large * np.array(solution.row_dual))
