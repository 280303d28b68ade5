"""The fakes beside the tests are imported as tests.providers.…."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))
