"""What the API can do with deployments: deploy, take back, look at, say something to."""

from itertools import islice
from typing import Any

import orjson

from corral_hub import clock
from corral_hub.accounts.model import Principal
from corral_hub.errors import Conflict, NotFound
from corral_hub.tasks.reactor import Reactor
from corral_hub.text import stamp
from corral_hub.triggers import bodies, views
from corral_hub.triggers.arming import find_triggers
from corral_hub.triggers.calls import UNREADABLE
from corral_hub.triggers.hooks import Hook
from corral_hub.triggers.launcher import Launcher, not_deployed
from corral_hub.triggers.model import Chat, Deployment, Trigger, TriggerKind
from corral_hub.triggers.orders import Arm, Disarm, Fire
from corral_hub.workflows import access
from corral_hub.workflows.actions import Workflows
from corral_hub.workflows.drafts import read_draft
from corral_hub.workflows.graph import Graph
from corral_hub.workflows.runs import graph_of


class Deployments:
    """The API without its transport. What is deployed is read from the launcher's memory."""

    def __init__(self, workflows: Workflows, reactor: Reactor, launcher: Launcher) -> None:
        self.launcher = launcher
        self._workflows = workflows
        self._reactor = reactor

    # -- changing -----------------------------------------------------------------------

    async def deploy(self, principal: Principal, text: str, body: bodies.DeployBody) -> views.Deployed:
        """Publish the draft if it differs, and arm what the version has. Raises Unprocessable, Conflict."""
        access.change(principal)
        row = await self._workflows.get(principal, text)
        number = body.version or await self._unchanged(row)
        if number is None:  # nothing is published that could not be armed
            self.launcher.check_paths(self._made(principal, row, 0, orjson.dumps(self._draft(row)).decode(), body))
            number = (await self._workflows.publish(principal, str(row["id"]), "deployed"))["number"]
        version = await self._workflows.version(row["id"], number)
        new = self._made(principal, row, number, version["definition"], body)
        await self._check_secrets(new)
        await self._reactor.ask(Arm(deployment=new))
        await self._workflows.note("workflow.deploy", row, version=number)
        self._workflows.tell("deployed", principal, row["id"], row["project_id"], row["name"], number)
        return self._shown(self.launcher.armed[row["id"]])

    async def _check_secrets(self, new: Deployment) -> None:
        """Raise Conflict for what could be armed, but would let nobody in."""
        for trigger in new.triggers.values():
            hook = trigger.settings
            if isinstance(hook, Hook) and await self._workflows.vault.open(new.workflow_id, hook.secret) is None:
                what = f"the hub cannot read the secret of {trigger.node_id[:64]}"
                raise Conflict("secret_unreadable", what, UNREADABLE, node=trigger.node_id)

    async def undeploy(self, principal: Principal, text: str) -> views.Undeployed:
        """Runs in flight go on; events that wait are let go. Raises NotFound."""
        access.change(principal)
        row = await self._workflows.get(principal, text)
        await self._reactor.ask(Disarm(workflow_id=row["id"], actor=principal.label))
        await self._workflows.note("workflow.undeploy", row)
        self._workflows.tell("undeployed", principal, row["id"], row["project_id"], row["name"], row["version"])
        return {"workflow_id": row["id"], "workflow": row["name"], "deployed": False}

    async def chat(self, principal: Principal, text: str, body: bodies.ChatBody) -> views.FiredRuns:
        """Each chat trigger that hears this session begins a run of its own."""
        access.change(principal)
        row = await self._workflows.get(principal, text)
        found = self.launcher.armed.get(row["id"])
        triggers = found.of(TriggerKind.CHAT) if found is not None else ()
        heard = [t for t in triggers if isinstance(t.settings, Chat) and t.settings.hears(body.session_id)]
        if found is None or not heard:
            raise not_deployed(row["id"])
        payload = {"message": body.message, "session_id": body.session_id, "timestamp": stamp(clock.now())}
        return {"runs": [await self._fire(row["id"], trigger, payload) for trigger in heard]}

    async def _fire(self, workflow_id: int, trigger: Trigger, payload: dict[str, Any]) -> views.Fired:
        run_id = clock.new_id()
        order = Fire(workflow_id=workflow_id, node_id=trigger.node_id, run_id=run_id, payload=payload)
        return {"id": str(run_id), "trigger": trigger.node_id, "state": (await self._reactor.ask(order)).value}

    # -- looking ------------------------------------------------------------------------

    async def show(self, principal: Principal, text: str) -> views.Deployed | views.Undeployed:
        row = await self._workflows.get(principal, text)
        found = self.launcher.armed.get(row["id"])
        if found is None:
            return {"workflow_id": row["id"], "workflow": row["name"], "deployed": False, "triggers": []}
        return self._shown(found)

    def listing(self, principal: Principal, after: int, limit: int) -> views.DeploymentPage:
        """Return deployments in the order of their workflows' ids."""
        seen = (
            found
            for id, found in sorted(self.launcher.armed.items())
            if id > after and access.may_see(principal, found.project_id)
        )
        page = [self._shown(found) for found in islice(seen, limit)]
        return {"deployments": page, "next_after": page[-1]["workflow_id"] if len(page) == limit else None}

    async def next_runs(self, principal: Principal, text: str, count: int) -> views.NextRuns:
        """Return when the clocks of what is deployed fire next; of the draft, if nothing is."""
        row = await self._workflows.get(principal, text)
        now, found = clock.now(), self.launcher.armed.get(row["id"])
        if found is not None:
            triggers = found.triggers
        else:
            draft = read_draft(orjson.loads(row["draft"]), self._workflows.catalogue())
            triggers = find_triggers(Graph(draft.definition), self._workflows.catalogue(), now)
        shown = views.next_runs(triggers.values(), now, count)
        return {"workflow_id": row["id"], "deployed": found is not None, "triggers": shown}

    def _shown(self, found: Deployment) -> views.Deployed:
        running, waiting = self.launcher.running(found.workflow_id), self.launcher.waiting(found.workflow_id)
        return views.deployment(found, running, waiting, clock.now())

    # -- parts ----------------------------------------------------------------------------

    async def _unchanged(self, row: Any) -> int | None:
        """Return the number of the newest version, if the draft is no other."""
        if row["version"] is None:
            return None
        version = await self._workflows.queries.version(row["id"], row["version"])
        same = version is not None and orjson.loads(version["definition"]) == orjson.loads(row["draft"])
        return int(row["version"]) if same else None

    def _draft(self, row: Any) -> Any:
        draft = read_draft(orjson.loads(row["draft"]), self._workflows.catalogue())
        draft.check()
        return draft.written

    def _made(
        self, principal: Principal, row: Any, number: int, definition: str, body: bodies.DeployBody
    ) -> Deployment:
        now = clock.now()
        return Deployment(
            id=clock.new_id(),
            workflow_id=row["id"],
            workflow=row["name"],
            version=number,
            project_id=row["project_id"],
            definition=definition,
            triggers=find_triggers(graph_of(definition), self._workflows.catalogue(), now),
            concurrency=body.concurrency,
            when_busy=body.when_busy,
            deployed_by=principal.label,
            deployed_at=now,
            changed_at=now,
        )

    def webhook(self, path: str) -> tuple[Deployment, Trigger]:
        """Return what listens at a path. Raises NotFound."""
        found = self.launcher.paths.get(path.strip("/"))
        if found is None:
            raise NotFound("webhook_not_found", "nothing listens here", "deploy the workflow: corral workflow deploy")
        deployment = self.launcher.armed[found[0]]
        return deployment, deployment.triggers[found[1]]

    def webhook_of(self, workflow_id: int) -> tuple[Deployment, Trigger]:
        """Return the first webhook of a workflow, as AutomateOS addresses it. Raises NotFound."""
        deployment = self.launcher.armed.get(workflow_id)
        triggers = deployment.of(TriggerKind.WEBHOOK) if deployment is not None else ()
        if deployment is None or not triggers:
            raise NotFound("webhook_not_found", "nothing listens here", "deploy the workflow: corral workflow deploy")
        return deployment, triggers[0]
