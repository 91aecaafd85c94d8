import type { Chunk } from "./shapes";

export interface Line {
  readonly key: string;
  readonly stream: string;
  readonly text: string;
}

// Colours, cursor moves and titles are a terminal's business; here they would only be noise. Control characters other
// than tab and newline are taken out with them.
const NOISE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /\u001b(?:\[[0-9;:?<=>]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Pieces of output as lines to read; what goes on in the next piece of its stream is one line. */
export function linesOf(chunks: readonly Chunk[]): readonly Line[] {
  const lines: Line[] = [];
  for (const chunk of chunks) {
    const text = chunk.text.replaceAll("\r\n", "\n").replace(NOISE, "");
    text.split(/(?<=\n)/).forEach((part, index) => {
      const last = lines.at(-1);
      if (index === 0 && last !== undefined && last.stream === chunk.stream && !last.text.endsWith("\n")) {
        lines[lines.length - 1] = { ...last, text: last.text + part };
      } else if (part !== "") {
        lines.push({ key: `${chunk.id}.${index}`, stream: chunk.stream, text: part });
      }
    });
  }
  return lines;
}
