"""Policies tried before they touch anything: on cases somebody wrote down, and on loads of the past. Reads and writes no cluster.

`case_file` is what a file of cases says, `cases` decides them through the engine's own sequence.
"""

from autoscaler.rehearsing.case_file import Case, CaseFile, parse_cases
from autoscaler.rehearsing.cases import Outcome, run_case

__all__ = ["Case", "CaseFile", "Outcome", "parse_cases", "run_case"]
