import type { Definition } from "../definition/definition";
import type { Manifest } from "../shapes";
import type { AllFleeting } from "./fleeting";
import { type CardNode, cardsOf, type Marks, WIDTH, type WireEdge, wiresOf } from "./graph";
import { keeping } from "./keeping";
import { settling } from "./layout";

/** Of more nodes than these only those that are seen are drawn; how large the others are is guessed. */
export const MANY = 200;

interface Seen {
  readonly definition: Definition;
  readonly manifests: ReadonlyMap<string, Manifest>;
  readonly marks: Marks;
  readonly fleeting: AllFleeting;
  readonly selected: ReadonlySet<string>;
}

export interface Picture {
  readonly nodes: readonly CardNode[];
  readonly edges: readonly WireEdge[];
}

/**
 * Draws one draft again and again. What looks as it did before is the very object that it was before, so that the canvas
 * has one card to draw when a node gets another name, and none while somebody types into its parameters.
 */
export function picturing(): (seen: Seen) => Picture {
  const [settle, keepNodes, keepEdges] = [settling(), keeping<CardNode>(), keeping<WireEdge>()];
  return ({ definition, manifests, marks, fleeting, selected }) => {
    const placed = settle(definition);
    const cards = cardsOf(placed, manifests, marks);
    const guess = cards.length > MANY ? { measured: { width: WIDTH, height: 58 } } : {};
    const nodes = cards.map(
      (card): CardNode => ({ ...card, ...guess, ...fleeting.get(card.id), selected: selected.has(card.id) }),
    );
    const edges = wiresOf(placed).map((wire): WireEdge => {
      const className = wire.data?.part ? "part" : "";
      return { ...wire, className, selected: selected.has(wire.id), interactionWidth: 24 };
    });
    return { nodes: keepNodes(nodes), edges: keepEdges(edges) };
  };
}
