import type { ITheme } from "@xterm/xterm";

/** Terminals are dark in both themes: programs choose their colours for that. */
export const COLOURS: ITheme = {
  background: "#0b0e0d",
  foreground: "#dfe6e3",
  cursor: "#5fd0b0",
  cursorAccent: "#0b0e0d",
  selectionBackground: "#2f5a4e",
  selectionInactiveBackground: "#2b3432",
  black: "#1d2422",
  red: "#ff8f86",
  green: "#74d492",
  yellow: "#f3bf5f",
  blue: "#7cbcf5",
  magenta: "#d6a5f0",
  cyan: "#5fd0c8",
  white: "#cfd8d4",
  brightBlack: "#7f8c87",
  brightRed: "#ffb3ad",
  brightGreen: "#a3e6b7",
  brightYellow: "#f9d793",
  brightBlue: "#a9d4fa",
  brightMagenta: "#e6c6f7",
  brightCyan: "#97e4dd",
  brightWhite: "#ffffff",
};
