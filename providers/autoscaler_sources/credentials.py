"""What is sent to be let in. Secrets are read anew for each question, and are in no error."""

import re
from base64 import b64encode

from autoscaler.config.secrets import Secret
from autoscaler.errors import PolicyError, SetupError


def bearer(token: Secret | None) -> dict[str, str]:
    """The header for a token; none without one. SetupError for a token that cannot be sent."""
    return {"Authorization": f"Bearer {printable(token)}"} if token else {}


def keyed(header: str, token: Secret) -> dict[str, str]:
    """The token alone, under a header of its own."""
    return {header: printable(token)}


def basic(user: str, password: Secret) -> dict[str, str]:
    """The header for a name and a password."""
    return {"Authorization": f"Basic {b64encode(f'{user}:{password.reveal()}'.encode()).decode()}"}


def check_user(user: str) -> None:
    """PolicyError for a name that cannot be sent beside a password."""
    if not user or ":" in user:
        raise PolicyError("a user's name is empty or holds a colon", hint="write the name alone; the password has a field of its own")


def printable(token: Secret) -> str:
    """The secret, fit for a header."""
    found = token.reveal()
    if not re.fullmatch("[!-~]*", found):
        raise SetupError("the token of the source holds more than printable characters", hint="write the bare token, without a line end")
    return found
