/** What would be pasted, and why somebody should look at it first; null where nothing speaks against it. */
export interface Paste {
  readonly text: string;
  readonly lines: number;
  readonly warning: string | null;
}

const MUCH = 10_000;
// Everything that a terminal would obey rather than show: an Escape in it could end a bracketed paste and begin typing.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/** `bracketed`: the program tells a paste from typing, so no line of it is obeyed by itself. */
export function paste(clipboard: string, bracketed: boolean): Paste {
  const text = clipboard.replace(/\r\n?/g, "\n").replace(CONTROL, "");
  const lines = text.split("\n").length;
  return { text, lines, warning: warningFor(clipboard, text, lines, bracketed) };
}

function warningFor(clipboard: string, text: string, lines: number, bracketed: boolean): string | null {
  if (clipboard.replace(CONTROL, "").length !== clipboard.length) {
    return "It had control characters, which could act as keys; they were taken out.";
  }
  if (lines > 1 && !bracketed) return "The program takes each line as if Enter were pressed after it.";
  return text.length > MUCH ? `It is long: ${text.length.toLocaleString("en")} characters.` : null;
}
