"""Lets the tests of explaining share the plan in `building.py`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # the helpers beside this file are imported as tests.explaining.…
