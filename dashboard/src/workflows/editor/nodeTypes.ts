import { NodeCard } from "./NodeCard";

/** The one kind of node there is on the canvas; a constant, so that cards are not drawn anew. */
export const NODE_TYPES = { card: NodeCard };
