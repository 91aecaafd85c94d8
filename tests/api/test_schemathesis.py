"""Requests made from the OpenAPI document: whatever is asked, the hub does not fail, and answers what it says there."""

from collections.abc import Mapping

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from tests.api.routes import Scene, scene
from tests.hub_document import document
from tests.hub_process import ADMIN, HubProcess

pytestmark = pytest.mark.schemathesis

SCHEMA = schemathesis.openapi.from_dict(dict(document()))
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]
ENDS_THE_LOGIN = "/logout"
EXAMPLES = 20
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def real(shared_hub: HubProcess) -> Scene:
    return scene(shared_hub)


def headers_for(hub: HubProcess, at: Scene, path: str) -> Mapping[str, str]:
    if path.startswith("/api/v1/server/") or path.endswith("/heartbeat"):
        return at.machine
    return hub.login(ADMIN) if path.endswith(ENDS_THE_LOGIN) else hub.admin


def cases(operation: schemathesis.APIOperation) -> st.SearchStrategy[schemathesis.Case]:
    """What the document allows and, where there is anything to get wrong, what it does not."""
    allowed = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if not operation.body and not operation.query:
        return allowed
    return st.one_of(allowed, operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))


@pytest.mark.parametrize("operation", OPERATIONS, ids=[operation.label for operation in OPERATIONS])
def test_nothing_fails(shared_hub: HubProcess, real: Scene, operation: schemathesis.APIOperation) -> None:
    """Half of the requests name things that exist, so that they get further than `not found`."""
    who = headers_for(shared_hub, real, operation.path)

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(case=cases(operation), existing=st.booleans())
    def run(case: schemathesis.Case, existing: bool) -> None:
        if existing and case.method != "DELETE":
            case.path_parameters.update({name: real.names[name] for name in case.path_parameters})
        answer = case.call(base_url=shared_hub.url, headers=dict(who))
        case.validate_response(answer, checks=CHECKS)
        if answer.status_code >= 400 and case.method != "HEAD":  # whose answers have no body
            assert {"detail", "code", "hint"} <= answer.json().keys(), answer.text

    run()
