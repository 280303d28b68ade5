"""A world in virtual time, the harness that drives the real engine in it with seeded faults, and the checks of the safety rules.

`virtual_runtime.py` time and dice; `world/` the simulated outside; `faults.py` what goes wrong; `invariants/` what must hold all the same;
`harness.py` puts them together. Backtests, the demo and the provider `simulated` use the same world.
"""
