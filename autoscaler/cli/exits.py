"""What the process says to the shell when it ends; `docs/command.md` tells users the same.

Refused and stale have their number in `autoscaler.errors`, with the error they belong to.
"""

FINE = 0
ERROR = 1
CHANGES_PRESENT = 2
WRONG_USAGE = 64
INTERRUPTED = 130
PIPE_CLOSED = 141
"""As a shell reports a process that SIGPIPE ended: `autoscaler plan | head` is no failure of ours."""
