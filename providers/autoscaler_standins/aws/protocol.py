"""AWS's wire, from its published model: a request is parsed and checked, an answer checked and written.

The generic halves are botocore's (shapes, ParamValidator) and moto's (parsers, serializers), which moto is pinned for. What the state
machines answer is refused as loudly as what clients ask: a stand-in that lies about a shape would prove nothing.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from botocore.validate import ParamValidator
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS, RequestDict
from moto.core.serialize import SERIALIZERS
from moto.core.utils import get_service_model
from werkzeug.datastructures import Headers, MultiDict

from autoscaler_standins.serving import Asked, Reply

Params = dict[str, Any]
"""A structure of a service's model, as botocore gives and takes it."""

T = TypeVar("T")

SCOPE = re.compile(r"/([a-z0-9-]+)/aws4_request")
READS = ("Describe", "Get", "List", "Simulate")
CALLED = {"elasticloadbalancing": "elbv2", "servicequotas": "service-quotas"}
"""Services whose name in a signature is not their model's."""

DRY = b"DryRun=true"
REQUEST_ID = "00000000-0000-4000-8000-000000000000"


class Refusal(Exception):  # noqa: N818 - an answer, not a fault of ours
    """What AWS says instead: `code`, as its pages list them, and words."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.status = code, status


def operation(asked: Asked) -> OperationModel:
    """What is asked for, by the signature's scope and the request's action."""
    found = SCOPE.search(asked.headers.get("authorization", ""))
    service = _service(found[1] if found else "sts")
    target = asked.headers.get("x-amz-target", "")
    model: OperationModel = service.operation_model(target.rpartition(".")[2] or dict(parse_qsl(asked.body.decode()))["Action"])
    return model


def name_of(model: OperationModel) -> str:
    """`autoscaling.SetDesiredCapacity`."""
    return f"{model.service_model.service_name}.{model.name}"


def mutates(model: OperationModel, asked: Asked) -> bool:
    """Whether it changes anything, by AWS's own way of naming operations; a dry run does not."""
    return not model.name.startswith(READS) and DRY not in asked.body


def request(model: OperationModel, asked: Asked) -> Params:
    """What is asked with; Refusal where the model does not know it so."""
    values = MultiDict(parse_qsl(asked.body.decode(), keep_blank_values=True))
    raw: RequestDict = {
        "body": asked.body.decode(),
        "headers": Headers(dict(asked.headers)),
        "method": "POST",
        "url_params": {},
        "url_path": "/",
        "values": values,
    }
    params: Params = PROTOCOL_PARSERS[_protocol(model)](model).parse(raw) or {}
    if model.input_shape is not None and (wrong := ParamValidator().validate(params, model.input_shape)).has_errors():
        raise Refusal("ValidationError", wrong.generate_report())
    return params


def response(model: OperationModel, result: Params) -> Reply:
    """What is answered; AssertionError where the model does not allow it."""
    if model.output_shape is not None:
        wrong = ParamValidator().validate(result, model.output_shape)
        assert not wrong.has_errors(), f"{model.name}: {wrong.generate_report()}"  # noqa: S101 - a mistake of the stand-in, which must not pass
    made = SERIALIZERS[_protocol(model)](model).serialize(result)
    body = made["body"]
    return Reply(body=body.encode() if isinstance(body, str) else body, status=made["status_code"], headers=_kept(made["headers"]))


def refused(protocol: str, refusal: Refusal) -> Reply:
    """AWS's way to say no, which each protocol has of its own."""
    code, words = escape(refusal.code), escape(str(refusal))
    if protocol == "json":
        body = json.dumps({"__type": refusal.code, "message": str(refusal)})
    elif protocol == "ec2":
        error = f"<Error><Code>{code}</Code><Message>{words}</Message></Error>"
        body = f"<Response><Errors>{error}</Errors><RequestID>{REQUEST_ID}</RequestID></Response>"
    else:
        error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{words}</Message></Error>"
        body = f"<ErrorResponse>{error}<RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
    return Reply(body=body.encode(), status=refusal.status, headers={"x-amzn-RequestId": REQUEST_ID})


def page(found: Sequence[T], params: Params, size: int) -> tuple[list[T], Params]:
    """The part of a list that is asked for, and the token of the next one; `size`: as long as it is unless said."""
    start, most = int(params.get("NextToken") or 0), params.get("MaxResults") or size
    end = start + most
    return list(found[start:end]), {"NextToken": str(end)} if end < len(found) else {}


def protocol_of(service: str) -> str:
    """How a service speaks."""
    return str(_service(service).metadata["protocol"])


@cache
def _service(name: str) -> ServiceModel:
    return get_service_model(CALLED.get(name, name))


def _protocol(model: OperationModel) -> str:
    return str(model.service_model.metadata["protocol"])


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() != "content-length"}
