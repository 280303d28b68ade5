"""Structured logs on stderr: JSON for machines, aligned words for a terminal. Lines of a tick carry its cluster, plan and decision."""

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import FilteringBoundLogger, Processor


def configure(stream: TextIO = sys.stderr, *, json: bool | None = None) -> None:
    """Set up logging for the process. `json` None: JSON unless `stream` is a terminal."""
    as_json = not stream.isatty() if json is None else json
    # A tick that is due while the last one runs is coalesced: that is the plan, and no warning.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    last: Processor = structlog.processors.JSONRenderer(sort_keys=True) if as_json else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            last,
        ],
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )


def logger(**fields: str) -> FilteringBoundLogger:
    """A logger whose every line carries `fields`."""
    bound: FilteringBoundLogger = structlog.get_logger(**fields)
    return bound
