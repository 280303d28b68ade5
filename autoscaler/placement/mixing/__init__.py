"""The cheapest mix of machines for what has no place yet, and the proof of how much cheaper any other could be.

Where ideas live: `question` and `answer` are the values, `searching` the order of the stages. `greedy` packs first, and `levelling` where
counters say how many machines there must be: `dealing` and `redealing` are its kernels. `totalling` proves at once. `sharing` and `columns`
find prices for classes, `pricing`, `knapsack` and `relaxing` what a machine holds that is worth most at such prices, `proving` what that
proves; `exchanging` makes one machine's filling better, `sweeping` packs all of it so; `rounding` makes whole machines of columns,
`rebuilding` makes a mix cheaper. Without the extra `solver`, all but linear programs work as they are, uncompiled.
"""

from autoscaler.placement.mixing.answer import Mix, Pattern
from autoscaler.placement.mixing.question import UNLIMITED, Question, question_of
from autoscaler.placement.mixing.searching import Search, least, mix
from autoscaler.placement.problem import always

__all__ = ["UNLIMITED", "Mix", "Pattern", "Question", "Search", "always", "least", "mix", "question_of"]
