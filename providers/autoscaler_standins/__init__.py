"""Clouds that are not there: state machines which answer the vendors' own SDKs over real HTTP, with faults on demand.

What they take and give is checked against the vendor's published model; what they do between is ours. All of it is in memory.
"""
