"""Files of the seed systems come in as they are; what they mean is what they meant there."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from corral_hub.workflows.graph import Graph
from corral_hub.workflows.imports import automateos, machina
from corral_hub.workflows.reading import read_definition
from corral_protocol.capabilities import NodeManifest
from corral_protocol.vocabulary import RunStatus
from tests.hub.workflows.playing import Play

CATALOGUE = {
    "cronScheduler": NodeManifest(type="cronScheduler", parameters={"properties": {"interval_minutes": {}}}),
    "webhookTrigger": NodeManifest(type="webhookTrigger", parameters={"properties": {"headerName": {}}}),
}
EXPORT: dict[str, Any] = {
    "id": "workflow-1700000000000-abc123def",
    "name": "Agent",
    "createdAt": "2025-01-01T00:00:00Z",
    "lastModified": "2025-01-01T00:00:00Z",
    "version": "0.0.48",
    "nodes": [
        {"id": "start-1", "type": "start", "position": {"x": 0, "y": 1.5}, "data": {"label": "Start"}, "width": 80},
        {"id": "agent-2", "type": "aiAgent", "position": {"x": 1, "y": 1}, "data": {"label": "My Agent"}},
        {"id": "mem-3", "type": "simpleMemory", "position": {"x": 1, "y": 1}, "data": {"label": "Memory"}},
        {"id": "cron-4", "type": "cronScheduler", "position": {"x": 1, "y": 1}, "data": {"disabled": True}},
        {"id": "new-5", "type": "githubAction", "position": {}, "data": {"displayName": "Git Hub"}},
        {"id": "mail-6", "type": "googleGmail", "position": {"x": 1, "y": 1}, "data": {}},
    ],
    "edges": [
        {
            "id": "e1", "source": "start-1", "target": "agent-2", "sourceHandle": "output-main",
            "targetHandle": "input-main", "type": "smoothstep", "animated": True,
            "data": {
                "condition": {"field": "score", "operator": "gte", "value": 50},
                "conditionLogic": "or", "additionalConditions": [{"field": "vip", "operator": "is_true"}],
            },
        },
        {"source": "mem-3", "target": "agent-2", "sourceHandle": "output-x", "targetHandle": "input-memory"},
        {"id": "e3", "source": "agent-2", "target": "new-5"},
    ],
    "nodeParameters": {
        "start-1": {"initialData": "{}"},
        "agent-2": {"prompt": "{{start.name}}", "temperature": None},
        "cron-4": {"intervalMinutes": 7, "interval_minutes": 9, "headerName": "kept"},
    },
}  # fmt: skip


def test_an_export_is_recognised_and_read_without_problems() -> None:
    assert machina.recognises(EXPORT)
    assert not machina.recognises({"nodes": [{"id": "a", "type": "b"}], "edges": []})
    written, notes = machina.translate(EXPORT, CATALOGUE)
    definition, problems = read_definition(written)
    assert problems == []
    assert [(note.path, note.code) for note in notes] == [("/nodes/5/type", "renamed")]
    assert [node.type for node in definition.nodes][-2:] == ["githubAction", "gmail"]
    assert [node.label for node in definition.nodes] == ["Start", "My Agent", "Memory", "", "Git Hub", ""]
    assert definition.nodes[3].disabled
    assert definition.nodes[1].retry is not None
    assert definition.nodes[1].retry.max_attempts == 2


def test_roles_are_told_by_the_target_handle_alone() -> None:
    definition, _ = read_definition(machina.translate(EXPORT, CATALOGUE)[0])
    graph = Graph(definition)
    assert graph.only_parts == {"mem-3"}
    assert [edge.target_handle for edge in graph.parts["agent-2"]] == ["input-memory"]
    assert [edge.source_handle for edge in definition.edges] == ["main", "main", "main"]


def test_parameters_take_the_spelling_of_the_manifest_and_its_own_wins() -> None:
    nodes: Any = machina.translate(EXPORT, CATALOGUE)[0]["nodes"]
    assert nodes[3]["parameters"] == {"interval_minutes": 9, "headerName": "kept"}
    assert nodes[1]["parameters"] == {"prompt": "{{start.name}}"}


def test_options_are_found_where_they_were_and_where_they_went() -> None:
    """Later versions write `max_tokens` beside `model`, earlier ones `options.maxTokens`; the node reads the one."""
    options = {"properties": {"maxTokens": {}, "temperature": {}}}
    catalogue = {"m": NodeManifest(type="m", parameters={"properties": {"model": {}, "options": options}})}

    def read(**parameters: Any) -> Any:
        nodes = [{"id": "m-1", "type": "m", "data": {}}]
        value = {"nodes": nodes, "edges": [], "nodeParameters": {"m-1": parameters}}
        written, _ = machina.translate(value, catalogue)
        return written["nodes"][0]["parameters"]

    assert read(model="x", max_tokens=5) == {"model": "x", "options": {"maxTokens": 5}}
    assert read(options={"max_tokens": 5, "temperature": 0}) == {"options": {"maxTokens": 5, "temperature": 0}}
    assert read(options={"maxTokens": 5}, max_tokens=6, other=1) == {"options": {"maxTokens": 5}, "other": 1}
    assert read(options="{{a.b}}") == {"options": "{{a.b}}"}


def answered(body: str, *more: dict[str, Any]) -> tuple[Any, list[str]]:
    """Return what becomes of a webhookResponse's body behind two nodes, and the codes of the notes."""
    nodes = [
        {"id": "pythonExecutor-1", "type": "pythonExecutor", "data": {"label": "My Code"}},
        {"id": "httpRequest-2", "type": "httpRequest", "data": {}},
        {"id": "w", "type": "webhookResponse", "data": {}},
        *more,
    ]
    edges = [{"source": node["id"], "target": "w", "targetHandle": "input-main"} for node in nodes[:2]]
    value = {"nodes": nodes, "edges": edges, "nodeParameters": {"w": {"responseBody": body}}}
    written, notes = machina.translate(value, {})
    return written["nodes"][2]["parameters"]["responseBody"], [note.code for note in notes]


def test_an_answer_names_the_node_that_it_means() -> None:
    assert answered("{{pythonExecutor.output.a[0]}}") == ("{{mycode.output.a[0]}}", [])
    assert answered("{{pythonexecutor}} and {{httpRequest.data}}") == ("{{mycode}} and {{httprequest-2.data}}", [])
    assert answered("{{input.output}}") == ("{{mycode.output}}", ["ambiguous"])
    assert answered("{{inputs.a}} {{ input.a }} {{other.b}}") == ("{{inputs.a}} {{ input.a }} {{other.b}}", [])
    named_input = {"id": "i", "type": "start", "data": {"label": "Input"}}
    assert answered("{{input.a}}", named_input) == ("{{input.a}}", [])


def test_it_is_said_that_deploying_begins_nothing() -> None:
    catalogue = {
        "start": NodeManifest(type="start", trigger="manual"),
        "chatTrigger": NodeManifest(type="chatTrigger", trigger="chat"),
    }
    both = {"nodes": [{"id": name, "type": name, "data": {}} for name in catalogue], "edges": []}
    assert [(note.path, note.warning) for note in machina.translate(both, catalogue)[1]] == [("/nodes/0", True)]
    alone = {"nodes": both["nodes"][:1], "edges": []}
    assert machina.translate(alone, catalogue)[1] == []


def test_old_files_keep_their_parameters_in_the_node() -> None:
    node = {
        "id": "a",
        "type": "webhookTrigger",
        "data": {"label": "Hook", "path": "x", "header_name": "X", "disabled": 0},
    }
    written, _ = machina.translate({"nodes": [node], "edges": []}, CATALOGUE)
    assert written["nodes"][0]["parameters"] == {"path": "x", "headerName": "X"}


def test_an_imported_condition_group_branches_as_its_editor_shows_it() -> None:
    graph = Graph(read_definition(machina.translate(EXPORT, CATALOGUE)[0])[0])
    for payload, runs in (({"score": 60}, True), ({"score": 1, "vip": True}, True), ({"score": 1}, False)):
        play = Play(graph, trigger="start-1", payload=payload, idle=("cron-4",))
        assert ("agent-2" in play.active) is runs


def test_steps_run_in_a_row_and_see_all_before_them() -> None:
    steps = [{"type": "http_request_node", "config": {"url": "http://x"}}, {"type": "filter_node", "config": {}}] * 2
    assert automateos.recognises({"steps": steps})
    written, notes = automateos.translate({"steps": steps})
    definition, problems = read_definition(written)
    assert (notes, problems) == ([], [])
    play = Play(Graph(definition))
    for number in range(1, 5):
        assert play.active == {f"step-{number}"}
        assert list(play.executed[f"step-{number}"].inputs) == [f"step-{n}" for n in range(1, number)]
        play.complete(f"step-{number}", output={"n": number})
    assert play.run.status is RunStatus.COMPLETED


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["nodes", "edges", "data", "id", "type", "steps", "config", "nodeParameters", "position"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


@given(junk)
def test_no_file_makes_the_import_raise(value: Any) -> None:
    if machina.recognises(value):
        read_definition(machina.translate(value, CATALOGUE)[0])
    if automateos.recognises(value):
        read_definition(automateos.translate(value)[0])
