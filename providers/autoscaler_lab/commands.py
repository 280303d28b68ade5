"""Runs the system's own tools: argument lists, never a shell; a failure says what the tool said."""

import os
import shutil
import subprocess
from collections.abc import Sequence

from autoscaler.errors import ProviderError, SetupError

TOOLS = ("dockerd", "ip", "nsenter", "unshare", "setsid", "mount", "umount")
INSTALL = "on Debian: apt-get install --no-install-recommends docker.io iproute2 iptables util-linux"
LONGEST = 20
"""Seconds any of the small tools may take; the slowest, deleting a network namespace, takes under one."""


def run(*arguments: str) -> str:
    """What the command printed; ProviderError with its complaint if it failed or hung."""
    try:
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=LONGEST, check=False)
    except FileNotFoundError as error:
        raise SetupError(f"{arguments[0]} is not installed", hint=INSTALL) from error
    except subprocess.TimeoutExpired as error:
        raise ProviderError(f"{' '.join(arguments)}: no end after {LONGEST} s", hint="try again") from error
    if done.returncode:
        said = done.stderr.strip() or f"exit code {done.returncode}"
        raise ProviderError(f"{' '.join(arguments)}: {said}", hint="`autoscaler lab down` removes what is left")
    return done.stdout


def succeeds(*arguments: str) -> bool:
    """Whether the command ended well; for questions and for removing what may be gone already."""
    try:
        run(*arguments)
    except (ProviderError, SetupError):
        return False
    return True


def check_machine(tools: Sequence[str] = TOOLS) -> None:
    """SetupError unless we are root on a machine with all the tools."""
    if os.geteuid() != 0:
        raise SetupError("a lab needs root: it makes network namespaces", hint="run it as root, with sudo for example")
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing:
        raise SetupError(f"not installed: {', '.join(missing)}", hint=INSTALL)
