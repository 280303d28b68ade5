"""The safety rules, as checks that watch a simulated world: one module per rule or two, one class per check.

A check hears of every instant in which something happened (`happened`), of every tick (`began`, `ticked`) and of the end (`ended`), and
says what it found wrong. `every.py` lists them all.
"""
