"""Settings that must not be seen: secrets by reference only, and addresses without a password."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from autoscaler.errors import PolicyError, SetupError

LARGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret is kept: `${NAME}` in the environment, `${file:/path}` in a file. The value itself is never held."""

    PATTERN: ClassVar[str] = r"\$\{([A-Za-z_][A-Za-z0-9_]{0,200}|file:/[^}\s]{1,4000})\}"
    HINT: ClassVar[str] = "write ${NAME} for an environment variable, or ${file:/run/secrets/name} for a file"
    SENSITIVE: ClassVar[bool] = True

    reference: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `${NAME}` or `${file:/path}`; the text is in no error, for it may be the secret."""
        if not re.fullmatch(cls.PATTERN, text):
            raise PolicyError("a secret cannot stand in the file itself", hint=cls.HINT)
        return cls(text[2:-1])

    def reveal(self) -> str:
        """The secret, read now: rotating it needs no restart. SetupError when it is not there or empty."""
        kind, _, path = self.reference.partition(":")
        value = _from_file(Path(path)) if path else os.environ.get(kind, "")
        if not value:
            hint = "set the environment variable" if not path else "write the secret into that file"
            raise SetupError(f"the secret ${{{self.reference}}} is missing or empty", hint=hint)
        return value


def _from_file(path: Path) -> str:
    try:
        with path.open("rb") as opened:
            return opened.read(LARGEST).decode().rstrip("\r\n")
    except (OSError, ValueError) as error:
        problem = f"the secret file {path} cannot be read: {error}"
        raise SetupError(problem, hint="let this process read it, as UTF-8 text") from error


_PASSWORD = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#\s]*:[^@\s]*@")


def _check_password(text: str, kind: str) -> None:
    if _PASSWORD.match(text):
        hint = "remove it: give it in a field for secrets, or where the client looks for it (as ~/.pgpass)"
        raise PolicyError(f"a {kind} must not hold a password", hint=hint)


@dataclass(frozen=True, slots=True)
class Url:
    """An address with a scheme, such as `https://prometheus:9090/base`; a password in it is refused."""

    PATTERN: ClassVar[str] = (
        r"[a-z][a-z0-9+.-]{0,20}://([A-Za-z0-9._~%-]{1,100}@)?(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{0,253})(:[0-9]{1,5})?([/?#]\S{0,2000})?"
    )
    HINT: ClassVar[str] = "write a scheme and a host, such as https://prometheus:9090"
    SENSITIVE: ClassVar[bool] = True

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an address; one with a password is in no error."""
        if not re.fullmatch(cls.PATTERN, text):
            _check_password(text, "URL")
            raise PolicyError("this is no URL", hint=cls.HINT)
        return cls(text)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Place:
    """Where the store is: a path, or a URL without a password."""

    PATTERN: ClassVar[str] = rf"(?:{Url.PATTERN}|(?!.*://)[^\s\x00][^\x00\n]{{0,4000}})"
    HINT: ClassVar[str] = "write a path such as /var/lib/poolkeeper/store.db, or a URL such as postgresql://db/poolkeeper"
    SENSITIVE: ClassVar[bool] = True

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a path or a URL."""
        if not re.fullmatch(cls.PATTERN, text):
            _check_password(text, "store's URL")
            raise PolicyError("this is neither a path nor a URL", hint=cls.HINT)
        return cls(text)

    def __str__(self) -> str:
        return self.text
