"""Bodies of requests about workflows and their runs."""

from typing import Annotated, Any, Self

from fastapi import Query
from pydantic import AwareDatetime, Field, model_validator

from corral_hub.bodies import Body
from corral_hub.text import Text

Name = Annotated[Text, Field(min_length=1, max_length=200)]
Words = Annotated[Text, Field(max_length=4000)]
Json = dict[str, Any]


class CreateWorkflowBody(Body):
    """`definition`: ours, a MachinaOs export, or AutomateOS' {steps}; left out: an empty draft."""

    name: Name | None = None
    definition: Json | None = None
    project_id: Name | None = None
    publish: bool = False


class UpdateWorkflowBody(Body):
    """What is left out stays. `if_unchanged_since`: its `updated_at` as it was read; refuse if it has changed since."""

    name: Name | None = None
    definition: Json | None = None
    if_unchanged_since: AwareDatetime | None = None


class ValidateBody(Body):
    definition: Json


class PlacementBody(Body):
    """`requires`: as a node has it. `project_id`: left out, the default project."""

    type: Name
    requires: Json = Field(default_factory=dict)
    project_id: Name | None = None


class PublishBody(Body):
    note: Words = ""


class RollbackBody(Body):
    number: Annotated[int, Field(ge=1, le=2**31 - 1)]


class RunBody(Body):
    """`trigger`: where the run begins, by node id; left out: at the only manual trigger. `pinned`: outputs by node.

    `draft`: try out the draft as it is now instead of a version; `if_unchanged_since`: refuse where it was changed
    after this `updated_at`. `only`: run this node alone; the others put out what is pinned for them here or in the
    definition, or what they put out in the last run.
    """

    inputs: Any = None
    trigger: Name | None = None
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    pinned: Json = Field(default_factory=dict)
    draft: bool = False
    only: Name | None = None
    if_unchanged_since: AwareDatetime | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.draft and self.version is not None:
            raise ValueError("version or draft: a run is of one of them")
        if self.if_unchanged_since is not None and not self.draft:
            raise ValueError("if_unchanged_since is about the draft: say draft: true as well")
        return self


class CancelBody(Body):
    reason: Words = ""


class AnswerBody(Body):
    approved: bool
    comment: Words = ""


class RetryBody(Body):
    """`from_node`: run it and all behind it again; what others put out is taken over. Left out: from what failed."""

    from_node: Name | None = None


Filter = Annotated[str | None, Query(max_length=200)]


class PurgeBody(Body):
    """What is left out fits everything; nothing at all would remove them all, so something must be said."""

    workflow: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    node_type: Name | None = None
    older_than_hours: Annotated[float, Field(ge=0, le=1_000_000)] | None = None
    all: bool = False

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.all and self.workflow is None and self.node_type is None and self.older_than_hours is None:
            raise ValueError("say which, or all: true")
        return self
