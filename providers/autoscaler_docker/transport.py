"""Ways to an engine: a Unix socket, ssh, or TLS."""

from typing import TYPE_CHECKING

from autoscaler.errors import SetupError
from autoscaler_docker import faults
from autoscaler_docker.settings import TlsFiles

if TYPE_CHECKING:
    import requests

CONNECT_S = 3
OLDEST = "1.41"
"""The engine's API of 2020 (20.10): what we take it to speak when it does not say."""


def open_session(endpoint: str, files: TlsFiles | None) -> "tuple[requests.Session, str]":
    """A session that connects at its first request, and what its addresses begin with; SetupError if there is no way."""
    try:
        import docker
        import docker.errors
        import docker.tls

        from autoscaler_docker import ssh_transport
    except ImportError as error:
        raise SetupError("the Docker SDK is not installed", hint="pip install 'poolkeeper[docker]'") from error
    if endpoint.startswith("ssh://"):
        return ssh_transport.open_session(endpoint), ssh_transport.BASE
    try:
        tls = docker.tls.TLSConfig(client_cert=(files.cert, files.key), ca_cert=files.ca, verify=True) if files else False
        client = docker.APIClient(endpoint, version=OLDEST, timeout=CONNECT_S, tls=tls)
    except (docker.errors.DockerException, docker.errors.TLSParameterError, OSError) as error:
        raise SetupError(f"no way to {endpoint}: {str(error)[: faults.LONGEST]}", hint="see `endpoint` and `tls` of the cluster") from error
    return client, client.base_url
