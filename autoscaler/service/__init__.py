"""The scheduled service: fires ticks, keeps leases, reloads policies, answers /metrics, /healthz and /readyz.

`runtime.py` is the only file of the project that touches clock, threads, ids and dice; everything else asks it.
"""
