"""A definition as a graph: who follows whom, in layers, and what is wrong with its shape. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from corral_hub.workflows import template
from corral_hub.workflows.model import Definition, Edge, Node
from corral_hub.workflows.template import normalise
from corral_protocol.run import Requirements


@dataclass(frozen=True)
class Graph:
    """Made once per version and shared by all of its runs. Parts (tools, memories of an agent) are no steps."""

    definition: Definition

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        return {node.id: node for node in self.definition.nodes}

    @cached_property
    def needs(self) -> Mapping[str, Requirements]:
        """What each node asks of a machine: to have its type, and what it says itself."""
        return {
            node.id: replace(node.requires, nodes=tuple(sorted({node.type, *node.requires.nodes})))
            for node in self.definition.nodes
        }

    @cached_property
    def parts(self) -> Mapping[str, tuple[Edge, ...]]:
        """Edges that lead to a node from its parts."""
        return _grouped(self.definition.nodes, self.definition.edges, part=True, by_source=False)

    @cached_property
    def only_parts(self) -> frozenset[str]:
        """Nodes that are nothing but a part of another: nobody runs them as a step."""
        lent = {edge.source for edge in self.definition.edges if edge.part}
        linked = {id for edge in self.definition.edges if not edge.part for id in (edge.source, edge.target)}
        return frozenset(lent - linked)

    @cached_property
    def outgoing(self) -> Mapping[str, tuple[Edge, ...]]:
        return _grouped(self.definition.nodes, self.definition.edges, part=False, by_source=True)

    @cached_property
    def incoming(self) -> Mapping[str, tuple[Edge, ...]]:
        return _grouped(self.definition.nodes, self.definition.edges, part=False, by_source=False)

    @cached_property
    def steps(self) -> tuple[str, ...]:
        """The nodes that run, in the order in which they were written."""
        return tuple(node.id for node in self.definition.nodes if node.id not in self.only_parts)

    @cached_property
    def roots(self) -> tuple[str, ...]:
        return tuple(id for id in self.steps if not self.incoming[id])

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What templates call a node, by its id: its label or else its type or id. Of equal ones the last wins."""
        named: dict[str, str] = {}
        for node in self.definition.nodes:
            if node.label:
                named[normalise(node.label)] = node.id
            else:
                named.setdefault(node.type.lower(), node.id)
                named.setdefault(node.id.lower(), node.id)
        return named

    @cached_property
    def layers(self) -> tuple[tuple[str, ...], ...]:
        """Kahn's layers, for the eye: execution does not wait for them. Nodes of a cycle, or behind it, are in none."""
        missing = {id: len(self.incoming[id]) for id in self.steps}
        layers: list[tuple[str, ...]] = []
        layer = self.roots
        while layer:
            layers.append(layer)
            following: list[str] = []
            for id in layer:
                for edge in self.outgoing[id]:
                    missing[edge.target] -= 1
                    if missing[edge.target] == 0:
                        following.append(edge.target)
            layer = tuple(following)
        return tuple(layers)

    @cached_property
    def cycle(self) -> tuple[str, ...]:
        """One cycle, as ids from a node back to itself; empty if there is none."""
        sorted_out = {id for layer in self.layers for id in layer}
        rest = [id for id in self.steps if id not in sorted_out]
        if not rest:
            return ()
        seen: list[str] = []
        here = rest[0]
        while here not in seen:  # each of the rest has an upstream among the rest
            seen.append(here)
            here = next(edge.source for edge in self.incoming[here] if edge.source not in sorted_out)
        return tuple(reversed([*seen[seen.index(here) :], here]))

    @cached_property
    def named(self) -> Mapping[str, Mapping[str, str]]:
        """For each step the nodes that its templates name and that end before it begins: {name: id}."""
        return self._references[0]

    @cached_property
    def waits(self) -> Mapping[str, tuple[str, ...]]:
        """For each step the steps that wait for its end only because their templates name it."""
        return self._references[1]

    @cached_property
    def too_early(self) -> tuple[tuple[str, str], ...]:
        """(step, name) of templates that name what comes after them: they stand for nothing."""
        return self._references[2]

    @cached_property
    def _references(
        self,
    ) -> tuple[Mapping[str, Mapping[str, str]], Mapping[str, tuple[str, ...]], tuple[tuple[str, str], ...]]:
        """A node may name any other in its templates, and then it waits for it, unless that one waits for it already.

        In this order, so that the outcome does not hang on which node happens to be the first to end.
        """
        following = {id: [edge.target for edge in self.outgoing[id]] for id in self.nodes}
        waits: dict[str, list[str]] = {id: [] for id in self.nodes}
        named: dict[str, dict[str, str]] = {id: {} for id in self.nodes}
        too_early: list[tuple[str, str]] = []
        for id in self.steps:
            for name in dict.fromkeys(self._names_in(id)):
                other = self.names.get(name)
                if other is None or other == id or other in self.only_parts:
                    continue
                if not _reaches(following, other, id):
                    if _reaches(following, id, other):
                        too_early.append((id, name))
                        continue
                    following[other].append(id)
                    waits[other].append(id)
                named[id][name] = other
        return named, {id: tuple(found) for id, found in waits.items()}, tuple(too_early)

    def _names_in(self, id: str) -> Iterable[str]:
        node = self.nodes[id]
        read = [node.parameters, *(self.nodes[edge.source].parameters for edge in self.parts[id])]
        if node.each is not None:
            read.append({"items": node.each.items})
        return template.names(read, self.definition.dialect)

    def downstream(self, starts: Iterable[str]) -> frozenset[str]:
        """Return the starts and every step that can be reached from them."""
        reached: set[str] = set()
        waiting = [id for id in starts if id in self.nodes]
        while waiting:
            id = waiting.pop()
            if id not in reached:
                reached.add(id)
                waiting += [edge.target for edge in self.outgoing[id]]
        return frozenset(reached)


def _grouped(
    nodes: Iterable[Node], edges: Iterable[Edge], *, part: bool, by_source: bool
) -> Mapping[str, tuple[Edge, ...]]:
    grouped: dict[str, list[Edge]] = {node.id: [] for node in nodes}
    for edge in edges:
        if edge.part is part and edge.source in grouped and edge.target in grouped:
            grouped[edge.source if by_source else edge.target].append(edge)
    return {id: tuple(found) for id, found in grouped.items()}


def _reaches(following: Mapping[str, list[str]], start: str, goal: str) -> bool:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        id = waiting.pop()
        if id == goal:
            return True
        if id not in seen:
            seen.add(id)
            waiting += following[id]
    return False
