"""Deployments and chat messages, for people and agents; the public door of webhooks stands in doors.py."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from corral_hub.answers import answers
from corral_hub.servers.guard import Who
from corral_hub.triggers import bodies
from corral_hub.triggers import views as v
from corral_hub.triggers.actions import Deployments


async def deployments_of(request: Request) -> Deployments:
    return request.app.state.deployments


The = Annotated[Deployments, Depends(deployments_of)]
workflows = APIRouter(prefix="/workflows", tags=["deployments"])
deployments = APIRouter(prefix="/deployments", tags=["deployments"])


@workflows.post(
    "/{workflow}/deploy", summary="Publish the draft if it differs, and arm its triggers", **answers(v.Deployed)
)
async def deploy_workflow(api: The, principal: Who, workflow: str, body: bodies.DeployBody) -> v.Deployed:
    return await api.deploy(principal, workflow, body)


@workflows.post("/{workflow}/undeploy", summary="Disarm its triggers; runs in flight go on", **answers(v.Undeployed))
async def undeploy_workflow(api: The, principal: Who, workflow: str) -> v.Undeployed:
    return await api.undeploy(principal, workflow)


@workflows.get(
    "/{workflow}/deployment", summary="What is armed, and when it fires next", **answers(v.Deployed | v.Undeployed)
)
async def show_deployment(api: The, principal: Who, workflow: str) -> v.Deployed | v.Undeployed:
    return await api.show(principal, workflow)


@workflows.get(
    "/{workflow}/next-runs",
    summary="When its clocks fire next; of the draft, if it is not deployed",
    **answers(v.NextRuns),
)
async def show_next_runs(
    api: The, principal: Who, workflow: str, count: Annotated[int, Query(ge=1, le=100)] = 5
) -> v.NextRuns:
    return await api.next_runs(principal, workflow, count)


@workflows.post("/{workflow}/chat", summary="Say something to its chat triggers", **answers(v.FiredRuns, 202))
async def chat_with_workflow(api: The, principal: Who, workflow: str, body: bodies.ChatBody) -> v.FiredRuns:
    return await api.chat(principal, workflow, body)


@deployments.get("", summary="Everything that is deployed", **answers(v.DeploymentPage))
async def list_deployments(
    api: The,
    principal: Who,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> v.DeploymentPage:
    return api.listing(principal, after, limit)
