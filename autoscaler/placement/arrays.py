"""What the arrays of placement hold."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]
Floats: TypeAlias = npt.NDArray[np.float64]
Counts: TypeAlias = npt.NDArray[np.int32]
Whole: TypeAlias = npt.NDArray[np.signedinteger[Any]]
"""Integers as small as the caller likes them."""
