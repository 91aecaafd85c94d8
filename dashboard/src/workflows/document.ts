import type { JsonObject } from "./definition/json";
import { isObject } from "./definition/json";

/** What a file of a workflow holds: JSON, or YAML as its version 1.2 reads it. Throws an Error that says what is wrong. */
export async function readDocument(text: string): Promise<JsonObject> {
  const value = /^\s*[[{]/.test(text) ? parsedJson(text) : await parsedYaml(text);
  if (!isObject(value)) throw new Error("a workflow is an object: {nodes: […], edges: […]}");
  return value;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function parsedYaml(text: string): Promise<unknown> {
  const { parseDocument } = await import("yaml");
  const document = parseDocument(text, { version: "1.2", schema: "core", merge: false });
  const [flaw] = document.errors;
  if (flaw) throw new Error(`no YAML: ${flaw.message.split("\n")[0]}`);
  return document.toJS({ maxAliasCount: 100 });
}

/** A definition as the file that is exported: JSON, indented, ending in a line break. */
export function writeDocument(definition: JsonObject): string {
  return `${JSON.stringify(definition, null, 2)}\n`;
}

/** A name that a file may have everywhere. */
export function fileName(name: string): string {
  const plain = name.replaceAll(/[^\p{L}\p{N}._-]+/gu, "-").replaceAll(/^[-.]+|[-.]+$/g, "");
  return `${plain.slice(0, 80) || "workflow"}.json`;
}
