/** A key of the row under the terminal: what a phone's keyboard does not have. */
export interface RowKey {
  readonly label: string;
  readonly name: string;
  /** What is typed; `application`: the program has switched the cursor keys over. */
  readonly types: (application: boolean) => string;
}

const plain = (label: string, name: string, text: string): RowKey => ({ label, name, types: () => text });
const arrow = (label: string, name: string, letter: string): RowKey => ({
  label,
  name,
  types: (application) => `\u001b${application ? "O" : "["}${letter}`,
});

export const ROW: readonly RowKey[] = [
  plain("Esc", "Esc", "\u001b"),
  plain("Tab", "Tab", "\t"),
  arrow("←", "Left", "D"),
  arrow("↑", "Up", "A"),
  arrow("↓", "Down", "B"),
  arrow("→", "Right", "C"),
  plain("|", "Pipe", "|"),
  plain("/", "Slash", "/"),
  plain("-", "Dash", "-"),
];

/** What is typed when Ctrl was pressed before it: one letter becomes its control character, all else stays. */
export function withCtrl(text: string): string {
  if (text === " ") return "\u0000";
  if (text === "?") return "\u007f";
  const code = text.toUpperCase().charCodeAt(0);
  return text.length === 1 && code >= 0x40 && code <= 0x5f ? String.fromCharCode(code - 0x40) : text;
}
