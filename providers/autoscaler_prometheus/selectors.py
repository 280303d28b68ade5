"""Learns a sample's own time: Prometheus gives every result the time of the question, and looks back five minutes for a sample.

A plain selector is asked for together with its `timestamp`, as one query. What a function or a sum was made of has no single time:
there a range (`rate(…[1m])`) bounds the age by itself, and newer servers heed `lookback_delta`.
"""

import re

TIME_LABEL = "autoscaler_part"
PLAIN = re.compile(r"""\s*[A-Za-z_:][A-Za-z0-9_:]*\s*(\{([^{}"'`]|"([^"\\]|\\.)*"|'([^'\\]|\\.)*')*\})?\s*""")
WORDS = frozenset({"inf", "nan"})
"""What reads like a metric's name and is a number."""


def with_time(query: str) -> str:
    """A plain selector with its samples' times beside it, told apart by TIME_LABEL; any other query as it is."""
    if not PLAIN.fullmatch(query) or query.strip().lower() in WORDS:
        return query
    return f'{query} or label_replace(timestamp({query}), "{TIME_LABEL}", "time", "", "")'
