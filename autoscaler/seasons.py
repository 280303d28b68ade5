"""Statistical models that carry a seasonal series on, by statsforecast (extra of that name), which nothing else here knows."""

from contextlib import suppress
from functools import cache, lru_cache

import numpy as np

from autoscaler.deciding.profiles import Continued, Values
from autoscaler.errors import SetupError
from autoscaler.model.forecasts import SeasonModel

KEPT = 512
"""So many answers are kept: an hour later the same are asked for again, for seasons end when they did."""


@cache
def model_of(name: SeasonModel) -> Continued | None:
    """How it carries a series on; None for the profiles alone. SetupError without the extra.

    Where it has no answer, it gives values that are not numbers.

    Theta: the dynamic optimised one, a season taken out by decomposition. Fiorucci and others, 2016, doi:10.1016/j.ijforecast.2016.02.005.
    """
    if name is SeasonModel.PROFILES:
        return None
    try:
        from statsforecast.models import DynamicOptimizedTheta
    except ImportError as error:
        hint = "pip install 'poolkeeper[statsforecast]', or leave `model` out"
        raise SetupError(f"the model {name.value} needs the extra `statsforecast`", hint=hint) from error

    @lru_cache(maxsize=KEPT)
    def carried(past: bytes, period: int, count: int) -> Values:
        model = DynamicOptimizedTheta(season_length=period)
        found: Values = np.full(count, np.nan)
        # A load that never changes is divided by its spread; and whatever it raises, there are the profiles.
        with np.errstate(all="ignore"), suppress(Exception):
            found = np.array(model.forecast(y=np.frombuffer(past), h=count)["mean"], dtype=np.float64)
        found.flags.writeable = False
        return found

    return lambda past, period, count: carried(past.tobytes(), period, count)
