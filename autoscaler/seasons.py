"""Statistical models that carry a seasonal series on, by statsforecast (extra of that name), which nothing else here knows."""

from functools import cache, lru_cache

import numpy as np

from autoscaler.deciding.profiles import Continued, Values
from autoscaler.errors import SetupError
from autoscaler.model.forecasts import SeasonModel

KEPT = 512
"""So many answers are kept: an hour later all are asked for again but that for the season under way."""


@cache
def model_of(name: SeasonModel) -> Continued | None:
    """How it carries a series on; None for the profiles alone. SetupError without the extra.

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
        with np.errstate(all="ignore"):  # a load that never changes is divided by its spread; what comes of it is not a number
            found: Values = np.array(model.forecast(y=np.frombuffer(past), h=count)["mean"], dtype=np.float64)
        found.flags.writeable = False
        return found

    return lambda past, period, count: carried(past.tobytes(), period, count)
