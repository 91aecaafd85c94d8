"""Which routes stand where, for whom; and what answers where there is none: the dashboard's pages."""

from fastapi import Depends, FastAPI

from corral_hub.accounts import audit_routes, key_routes
from corral_hub.accounts import routes as account_routes
from corral_hub.bodies import pass_over_unknown
from corral_hub.gateway import dashboard_socket, exec_socket, server_socket, status, unserved
from corral_hub.gateway.health import router as health_router
from corral_hub.inbox import routes as inbox_routes
from corral_hub.projects import routes as project_routes
from corral_hub.recordings import routes as recording_routes
from corral_hub.remote import file_routes
from corral_hub.remote import routes as remote_routes
from corral_hub.servers import compat
from corral_hub.servers import routes as server_routes
from corral_hub.servers.guard import as_agent, as_person
from corral_hub.sessions import routes as session_routes
from corral_hub.settings import Settings
from corral_hub.tasks import board_routes
from corral_hub.tasks import routes as task_routes
from corral_hub.triggers import doors
from corral_hub.triggers import routes as trigger_routes
from corral_hub.triggers.shortcuts import shortcuts
from corral_hub.web.serving import Pages
from corral_hub.web.shelf import Shelf
from corral_hub.workflows import letter_routes
from corral_hub.workflows import routes as workflow_routes


def mount(app: FastAPI, settings: Settings) -> None:
    api = "/api/v1"
    # First what is asked most: a request is compared with every route before its own. The same routes twice: for
    # people with a JWT, for agents with an API key.
    both = (
        board_routes.board, task_routes.tasks, workflow_routes.workflows, workflow_routes.runs,
        task_routes.interventions, session_routes.router, remote_routes.router, file_routes.router,
        recording_routes.router, workflow_routes.nodes, letter_routes.router, trigger_routes.workflows,
        trigger_routes.deployments, status.router,
    )  # fmt: skip
    app.router.routes += shortcuts(api, app.router)
    app.include_router(doors.router)
    people, agents = [Depends(as_person)], [Depends(as_agent), Depends(pass_over_unknown)]
    for prefix, guards, routers in (("", people, both), ("/server", agents, (*both, unserved.router))):
        for router in routers:
            app.include_router(router, prefix=f"{api}{prefix}", dependencies=guards)
    for router in (
        inbox_routes.router, account_routes.router, key_routes.router, audit_routes.router, project_routes.router,
        server_routes.router, compat.router, session_routes.older, doors.older,
    ):  # fmt: skip
        app.include_router(router, prefix=api)
    app.include_router(health_router)
    app.include_router(server_socket.router)
    app.include_router(dashboard_socket.router)
    app.include_router(exec_socket.router)
    app.router.default = Pages(Shelf(settings.dashboard_dir), app.router.default)
