import type { Json } from "./json";

/** What a person has typed, as JSON: a number, true, null, a list … where it reads as that, else the text itself. */
export function valueFromText(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text; // no JSON: people write texts without quotes
  }
}

/** How a value is typed, so that reading it again gives the same. */
export function textFromValue(value: Json | undefined): string {
  if (value === undefined) return "";
  if (typeof value !== "string") return JSON.stringify(value, null, typeof value === "object" ? 2 : undefined);
  return valueFromText(value) === value ? value : JSON.stringify(value);
}

/** What is wrong with what was typed where JSON is wanted: it looks like a list or an object, but is none yet. */
export function jsonFlaw(text: string): string | null {
  if (!/^\s*[[{"]/.test(text) || text.includes("{{")) return null;
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return `not JSON yet: ${error instanceof Error ? error.message : String(error)}`;
  }
}
