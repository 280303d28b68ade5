"""Frozen values: what was seen, what was voted, decided and planned.

Values in, values out: no clock, no I/O, no logging, no dice. Integers only
(milliseconds, milli-units, bytes, millionths of a currency unit), so that the same input gives the same bytes.
What a value looks like on disk is `codec.py`'s business.
"""
