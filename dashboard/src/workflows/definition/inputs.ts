import { isList, isObject, type Json, type JsonObject, put, textOf, without } from "./json";

/** One thing that a run is given, as far as a table can show it. */
export interface Input {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
}

export const INPUT_TYPES = ["string", "number", "integer", "boolean", "object", "array", "any"] as const;

/** The inputs of a schema; null where it says more than a table can show, and is edited as JSON. */
export function inputsOf(schema: Json | undefined): readonly Input[] | null {
  if (schema === undefined || schema === null) return [];
  if (!isObject(schema) || (schema.type ?? "object") !== "object") return null;
  const properties = schema.properties ?? {};
  if (!isObject(properties) || !Object.values(properties).every(isObject)) return null;
  const required = isList(schema.required) ? schema.required : [];
  return Object.entries(properties).map(([name, raw]) => ({
    name,
    type: textOf(isObject(raw) ? raw.type : undefined, "any"),
    required: required.includes(name),
  }));
}

/** The schema with one more input, or another one under a name; what else it says is kept. */
export function withInput(schema: Json | undefined, input: Input, before: string | null = null): JsonObject {
  const old = isObject(schema) ? schema : {};
  const properties = isObject(old.properties) ? old.properties : {};
  const kept = isObject(properties[before ?? input.name]) ? (properties[before ?? input.name] as JsonObject) : {};
  const { type: _type, ...rest } = kept;
  const property: JsonObject = input.type === "any" ? rest : { type: input.type, ...rest };
  const entries: [string, Json | undefined][] =
    before !== null && Object.hasOwn(properties, before)
      ? Object.entries(properties).map(([name, value]) => (name === before ? [input.name, property] : [name, value]))
      : [...Object.entries(properties), [input.name, property]];
  const names = isList(old.required) ? old.required.filter((name) => name !== input.name && name !== before) : [];
  const required = input.required ? [...names, input.name] : names;
  const written = { ...old, type: "object", properties: Object.fromEntries(entries) };
  return put(written, ["required"], required.length > 0 ? required : undefined) as JsonObject;
}

/** The schema without an input; nothing where nothing is left that it says. */
export function withoutInput(schema: Json | undefined, name: string): Json | undefined {
  if (!isObject(schema) || !isObject(schema.properties)) return schema;
  const properties = without(schema.properties, name);
  const required = isList(schema.required) ? schema.required.filter((it) => it !== name) : [];
  const bare = put({ ...schema, properties }, ["required"], required.length > 0 ? required : undefined) as JsonObject;
  const says = Object.keys(bare).filter((word) => word !== "type" && word !== "properties");
  return Object.keys(properties).length === 0 && says.length === 0 ? undefined : bare;
}
