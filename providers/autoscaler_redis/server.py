"""Sends commands to one Redis and hears their replies, all in one go, over connections that are kept."""

from typing import TYPE_CHECKING

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import SetupError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.model.samples import Unknown
from autoscaler_redis.answers import Refusal, refused
from autoscaler_redis.settings import RedisSettings

if TYPE_CHECKING:
    import redis

CONNECT_S = 3.0
HINT = "is it running, and reachable from here? see `url` of the source"


class Server:
    """Connects at the first question; a connection on which something went wrong is not used again."""

    def __init__(self, settings: RedisSettings, runtime: Runtime) -> None:
        self._settings = settings
        self._runtime = runtime
        self._pool: redis.ConnectionPool | None = None

    def ask(self, commands: tuple[tuple[bytes, ...], ...], within: Duration) -> list[object] | Unknown:
        """The reply to each, a Refusal for an error; Unknown when we are not let in, UnavailableError when nobody answers."""
        pool = self.open()
        import redis

        ends = self._runtime.monotonic() + min(within.ms, self._settings.timeout.ms)
        try:
            connection = pool.get_connection()
            try:
                return self._talk(connection, commands, ends)
            except BaseException:
                connection.disconnect()  # replies to come must never be taken for the next question's
                raise
            finally:
                pool.release(connection)
        except (redis.AuthenticationError, redis.ResponseError) as error:
            return refused(_refusal(error))
        except (redis.RedisError, OSError, UnicodeError) as error:
            problem = f"{self._settings.url} does not answer ({type(error).__name__})"
            raise UnavailableError(problem, hint=HINT) from error

    def _talk(self, connection: "redis.Connection", commands: tuple[tuple[bytes, ...], ...], ends: int) -> list[object]:
        import redis

        connection.send_packed_command(connection.pack_commands(commands))
        replies: list[object] = []
        for _ in commands:
            left = max(1, ends - self._runtime.monotonic())
            try:
                replies.append(connection.read_response(timeout=left / 1000))
            except redis.ResponseError as error:
                replies.append(_refusal(error))
        return replies

    def open(self) -> "redis.ConnectionPool":
        """The connections, none made yet; the password is read anew for each."""
        try:
            import redis
            from redis.backoff import NoBackoff
            from redis.retry import Retry
        except ImportError as error:
            raise SetupError("the Redis client is not installed", hint="pip install 'poolkeeper[redis]'") from error
        if self._pool is None:
            one, span = self._settings, self._settings.timeout.ms / 1000
            self._pool = redis.ConnectionPool(
                connection_class=redis.SSLConnection if one.tls else redis.Connection,
                host=one.host,
                port=one.port,
                db=one.database,
                credential_provider=_Credentials(one) if one.password else None,
                socket_timeout=span,
                socket_connect_timeout=min(CONNECT_S, span),
                retry=Retry(NoBackoff(), 0),
                protocol=2,
            )
        return self._pool


class _Credentials:
    """What a new connection is let in with."""

    def __init__(self, settings: RedisSettings) -> None:
        self._settings = settings

    def get_credentials(self) -> tuple[str] | tuple[str, str]:
        password = self._settings.password.reveal() if self._settings.password else ""
        return (self._settings.user, password) if self._settings.user else (password,)


def _refusal(error: Exception) -> Refusal:
    """The server's line: the client cuts the word it begins with off those errors it knows."""
    word = getattr(error, "status_code", None) or ""
    return Refusal(f"{word} {error}".strip())
