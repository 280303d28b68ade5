"""What a policy file says of a RabbitMQ: `sources: {broker: {rabbitmq: {url: "http://rabbitmq:15672", user: reader, password: …}}}`."""

from dataclasses import dataclass

from autoscaler.config.secrets import Secret, Url
from autoscaler.model.quantities import Duration, Memory
from autoscaler_sources.credentials import check_user
from autoscaler_sources.http_settings import check_http


@dataclass(frozen=True, slots=True, kw_only=True)
class RabbitmqSettings:
    """`url`: of the management plugin. `vhost`: of queues whose query names none. `timeout`, `max_answer`: of what is told of one queue."""

    url: Url
    user: str
    password: Secret
    vhost: str = "/"
    timeout: Duration = Duration(5000)
    max_answer: Memory = Memory(2**20)

    def __post_init__(self) -> None:
        check_http(self.url, self.timeout, self.max_answer, what="RabbitMQ's management", example="http://rabbitmq:15672")
        check_user(self.user)
