/** A piece of what a node has logged: by the API, or told on the live connection. */
export interface Piece {
  readonly key: string;
  readonly attempt: number;
  readonly first: number;
  readonly dropped: number;
  readonly lines: readonly string[];
}

export interface Line {
  readonly number: number;
  readonly text: string;
}

/** What one attempt has logged. `missing`: how many of the lines before its last one are not there. */
export interface Block {
  readonly key: string;
  readonly attempt: number;
  readonly lines: readonly Line[];
  readonly missing: number;
}

/** All pieces as one text per attempt, in the order of their first pieces; a line that came twice stands there once. */
export function joined(pieces: readonly Piece[]): readonly Block[] {
  const blocks = new Map<string, { key: string; attempt: number; lines: Map<number, string> }>();
  for (const piece of pieces) {
    const name = `${piece.key} ${piece.attempt}`;
    const block = blocks.get(name) ?? { key: piece.key, attempt: piece.attempt, lines: new Map<number, string>() };
    blocks.set(name, block);
    for (const [index, text] of piece.lines.entries()) block.lines.set(piece.first + index, text);
  }
  return [...blocks.values()].map(({ key, attempt, lines }) => {
    const sorted = [...lines].map(([number, text]) => ({ number, text })).sort((a, b) => a.number - b.number);
    return { key, attempt, lines: sorted, missing: (sorted.at(-1)?.number ?? 0) - sorted.length };
  });
}

/** The last `most` lines of a block, and how many stand before them. */
export function tail(block: Block, most: number): { readonly lines: readonly Line[]; readonly before: number } {
  const lines = block.lines.slice(-most);
  return { lines, before: block.lines.length - lines.length + block.missing };
}
