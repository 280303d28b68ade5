"""A thread per tick, in APScheduler's terms. Its own pool lets a few hung ticks starve all others, and waits for them at the end."""

import sys
from datetime import datetime
from typing import Any

from apscheduler.executors.base import BaseExecutor, run_job

from autoscaler.service.runtime import background


class TickThreads(BaseExecutor):  # type: ignore[misc]  # APScheduler ships no types
    """Daemon threads, as many as there are jobs: `max_instances=1` is what bounds them."""

    def _do_submit_job(self, job: Any, run_times: list[datetime]) -> None:  # noqa: ANN401 - as above
        def work() -> None:
            try:
                events = run_job(job, job._jobstore_alias, run_times, self._logger.name)  # noqa: SLF001 - what every executor reads
            except Exception:  # noqa: BLE001 - told by the scheduler's own log, and the job is free to run again
                self._run_job_error(job.id, *sys.exc_info()[1:])
            else:
                self._run_job_success(job.id, events)

        background(work, f"tick-{job.id}")
