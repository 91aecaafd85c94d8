"""Request bodies of the task API. Sizes are bounded."""

from typing import Annotated, Any

from pydantic import Field

from corral_hub.bodies import Body
from corral_hub.text import JsonValue, Text
from corral_protocol.vocabulary import DependencyType, InterventionType, Priority

Name = Annotated[Text, Field(min_length=1, max_length=500)]
Short = Annotated[Text, Field(max_length=500)]
Long = Annotated[Text, Field(max_length=200_000)]
JsonObject = Annotated[dict[str, Any], Field(json_schema_extra={"additionalProperties": True})]


class DependencyBody(Body):
    depends_on_task_id: Short
    dependency_type: DependencyType = DependencyType.BLOCKS
    contract_key: Annotated[Text, Field(min_length=1, max_length=200)] | None = None


class CreateTaskBody(Body):
    title: Name
    spec: Long = ""
    type: Annotated[Text, Field(min_length=1, max_length=50)] = "feature"
    priority: Priority = Priority.NORMAL
    project_id: Short | None = None
    structured_spec: JsonValue = None
    run: JsonValue = None
    target_repo: Short | None = None
    target_branch: Short | None = None
    acceptance_criteria: Annotated[tuple[Long, ...], Field(max_length=200)] = ()
    dependencies: Annotated[tuple[DependencyBody, ...], Field(max_length=1000)] = ()
    dependency_ids: Annotated[tuple[Short, ...], Field(max_length=1000)] = ()
    client_key: Annotated[Text, Field(min_length=1, max_length=200)] | None = None
    session_id: Short | None = None


class UpdateTaskBody(Body):
    title: Name | None = None
    spec: Long | None = None
    type: Annotated[Text, Field(min_length=1, max_length=50)] | None = None
    priority: Priority | None = None
    structured_spec: JsonValue = None
    target_repo: Short | None = None
    target_branch: Short | None = None
    acceptance_criteria: Annotated[list[Long], Field(max_length=200)] | None = None


class CompleteBody(Body):
    result: JsonValue = None
    git_diff_stats: JsonValue = None


class FailBody(Body):
    error: Long


class HelpBody(Body):
    """`urgency` and `target_session_id` come from older agents' MCP tools; they are accepted."""

    question: Annotated[Text, Field(min_length=1, max_length=20_000)]
    context: Long | None = None
    intervention_type: InterventionType = InterventionType.HELP
    urgency: Short | None = None
    target_session_id: Short | None = None


class PlanBody(Body):
    plan: JsonValue


class ReviewBody(Body):
    result: JsonValue = None


class FeedbackBody(Body):
    feedback: Annotated[Text, Field(min_length=1, max_length=200_000)]


class NoteBody(Body):
    content: Annotated[Text, Field(min_length=1, max_length=200_000)]
    urgent: bool = False


class AssignBody(Body):
    server: Short | None = None
    session_name: Short | None = None
    require_plan: bool = False
    dry_run: bool = False


class RespondBody(Body):
    response: Annotated[Text, Field(min_length=1, max_length=200_000)]
