"""HTTP to an engine through `ssh`: one process per connection, which speaks to the engine on the other side.

Our own and not docker-py's, which asks for another SDK and forgets its timeouts. It is the user's `ssh`: keys, jump hosts and known hosts
are those of ~/.ssh. It never asks for a password.
"""

import re
import socket
import subprocess
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

BASE = "http://through-ssh"
QUIET = ("-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=3", "-o", "ServerAliveInterval=15")
ASK_THE_ENGINE = ("docker", "system", "dial-stdio")
IDLE = 8
"""Connections kept open: each is a process, here and on the other side."""


def command(endpoint: str) -> tuple[str, ...]:
    """The arguments for `ssh://user@host:port`; checked by the settings before."""
    found = re.fullmatch(r"ssh://((?P<user>[^@]+)@)?(?P<host>[^:@]+)(:(?P<port>[0-9]+))?", endpoint)
    assert found is not None  # noqa: S101 - the settings let no other text through
    user = ("-l", found["user"]) if found["user"] else ()
    port = ("-p", found["port"]) if found["port"] else ()
    return ("ssh", *QUIET, *user, *port, "--", found["host"], *ASK_THE_ENGINE)


def open_session(endpoint: str) -> requests.Session:
    """Connects at the first request."""
    session = requests.Session()
    session.trust_env = False
    session.mount(BASE, _Adapter(command(endpoint)))
    return session


class _Connection(HTTPConnection):
    def __init__(self, arguments: tuple[str, ...]) -> None:
        super().__init__("through-ssh")
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None

    def connect(self) -> None:
        # A pair of sockets and not pipes: timeouts hold on them.
        ours, theirs = socket.socketpair()
        with theirs:
            ours.settimeout(self.timeout if isinstance(self.timeout, int | float) else None)
            self.sock = ours
            end = theirs.fileno()
            self._process = subprocess.Popen(self._arguments, stdin=end, stdout=end, stderr=subprocess.DEVNULL)  # noqa: S603 - no shell

    def close(self) -> None:
        super().close()
        process, self._process = self._process, None
        if process is not None:
            process.kill()  # the engine sees its end of the connection close; nothing else is lost
            process.wait()


class _Pool(HTTPConnectionPool):
    def __init__(self, arguments: tuple[str, ...]) -> None:
        super().__init__("through-ssh", maxsize=IDLE)
        self._arguments = arguments

    def _new_conn(self) -> _Connection:
        return _Connection(self._arguments)


class _Adapter(HTTPAdapter):
    def __init__(self, arguments: tuple[str, ...]) -> None:
        super().__init__()
        self._pool = _Pool(arguments)

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> urllib3.HTTPConnectionPool:  # noqa: ANN401 - whatever it is asked with
        return self._pool

    def close(self) -> None:
        super().close()
        self._pool.close()
