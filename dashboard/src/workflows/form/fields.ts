import { isList, isObject, type Json, type JsonObject, same, textOf } from "../definition/json";

/** How a value is asked for. */
export type Control =
  | { readonly kind: "text"; readonly multiline: boolean; readonly mono: boolean }
  | { readonly kind: "number"; readonly integer: boolean; readonly minimum?: number; readonly maximum?: number }
  | { readonly kind: "switch" }
  | { readonly kind: "choice"; readonly options: readonly Json[] }
  | { readonly kind: "list"; readonly item: Control }
  | { readonly kind: "object"; readonly fields: readonly FormField[] }
  | { readonly kind: "map"; readonly value: Control }
  | { readonly kind: "variants"; readonly by: string; readonly variants: readonly Variant[] }
  | { readonly kind: "json" };

export interface FormField {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly required: boolean;
  readonly fallback: Json | undefined;
  /** Shown only while other fields have one of these values. */
  readonly when: Readonly<Record<string, readonly Json[]>>;
  readonly control: Control;
}

/** One of several shapes of an object, told apart by the value of a field. */
export interface Variant {
  readonly value: Json;
  readonly title: string;
  readonly fields: readonly FormField[];
}

const DEEPEST = 6;
const LONG =
  /^(command|code|script|query|question|prompt|body|responseBody|expression|message|text|content|template|system\w*)$/i;
const CODE_FORMATS = new Set(["python", "javascript", "json", "sql", "shell", "code"]);

/** The fields of a form for an object of this JSON Schema. */
export function fieldsOf(schema: Json | undefined, root: Json | undefined = schema, depth = 0): readonly FormField[] {
  const here = resolved(schema, root);
  const properties = isObject(here.properties) ? here.properties : {};
  const required = new Set(isList(here.required) ? here.required : []);
  return Object.entries(properties).map(([name, raw]): FormField => {
    const inner = resolved(raw, root);
    return {
      name,
      title: textOf(inner.title) || name,
      description: textOf(inner.description),
      required: required.has(name),
      fallback: inner.default,
      when: whenOf(inner["x-shown-when"]),
      control: controlOf(inner, root, name, depth + 1),
    };
  });
}

/** How a value of this schema is asked for; as raw JSON where nothing better is known. */
export function controlOf(schema: JsonObject, root: Json | undefined, name = "", depth = 0): Control {
  const options = optionsOf(schema, root);
  if (options !== null) return { kind: "choice", options };
  const variants = variantsOf(schema, root, depth);
  if (variants !== null) return variants;
  const type = typeOf(schema);
  if (type === "string") return textControl(schema, name);
  if (type === "boolean") return { kind: "switch" };
  if (type === "number" || type === "integer") return numberControl(schema, type === "integer");
  if (depth > DEEPEST) return { kind: "json" };
  if (type === "array") return listControl(schema, root, depth);
  if (type === "object") return objectControl(schema, root, depth);
  return { kind: "json" };
}

function textControl(schema: JsonObject, name: string): Control {
  const mono = CODE_FORMATS.has(textOf(schema.format)) || /^(command|code|script)$/i.test(name);
  return { kind: "text", multiline: mono || LONG.test(name) || schema.format === "textarea", mono };
}

function numberControl(schema: JsonObject, integer: boolean): Control {
  const bound = (word: string) => (typeof schema[word] === "number" ? { [word]: schema[word] } : {});
  return { kind: "number", integer, ...bound("minimum"), ...bound("maximum") };
}

function listControl(schema: JsonObject, root: Json | undefined, depth: number): Control {
  if (!isObject(schema.items)) return { kind: "json" };
  return { kind: "list", item: controlOf(resolved(schema.items, root), root, "", depth + 1) };
}

function objectControl(schema: JsonObject, root: Json | undefined, depth: number): Control {
  if (isObject(schema.properties)) return { kind: "object", fields: fieldsOf(schema, root, depth) };
  if (!isObject(schema.additionalProperties)) return { kind: "json" };
  return { kind: "map", value: controlOf(resolved(schema.additionalProperties, root), root, "", depth + 1) };
}

/** The values of an enum, or of alternatives that are one value each. */
function optionsOf(schema: JsonObject, root: Json | undefined): readonly Json[] | null {
  if (isList(schema.enum)) return schema.enum;
  const alternatives = alternativesOf(schema, root);
  const values = alternatives.flatMap((it) => (it.const === undefined ? [] : [it.const]));
  return alternatives.length > 0 && values.length === alternatives.length ? values : null;
}

function variantsOf(schema: JsonObject, root: Json | undefined, depth: number): Control | null {
  const alternatives = alternativesOf(schema, root);
  if (alternatives.length < 2 || depth > DEEPEST) return null;
  const by = discriminator(schema, alternatives);
  if (by === null) return { kind: "json" };
  const variants = alternatives.map((it): Variant => {
    const value = fixed(it, by) ?? null;
    const fields = fieldsOf(it, root, depth + 1).filter((field) => field.name !== by);
    return { value, title: textOf(it.title) || String(value), fields };
  });
  return { kind: "variants", by, variants };
}

/** The name of the field whose value tells alternatives apart: it is fixed in each, and never the same. */
function discriminator(schema: JsonObject, alternatives: readonly JsonObject[]): string | null {
  const said = isObject(schema.discriminator) ? textOf(schema.discriminator.propertyName) : "";
  const first = alternatives[0];
  const names = said ? [said] : Object.keys(isObject(first?.properties) ? first.properties : {});
  const found = names.find((name) => {
    const values = alternatives.map((it) => fixed(it, name));
    return !values.includes(undefined) && values.every((it, at) => values.findIndex((b) => same(it, b)) === at);
  });
  return found ?? null;
}

function fixed(schema: JsonObject, name: string): Json | undefined {
  const property = isObject(schema.properties) ? schema.properties[name] : undefined;
  if (!isObject(property)) return undefined;
  return property.const ?? (isList(property.enum) && property.enum.length === 1 ? property.enum[0] : undefined);
}

/** The alternatives of a oneOf or anyOf; that something may be null is no alternative: one leaves it empty. */
function alternativesOf(schema: JsonObject, root: Json | undefined): readonly JsonObject[] {
  const list = isList(schema.oneOf) ? schema.oneOf : isList(schema.anyOf) ? schema.anyOf : [];
  return list.map((it) => resolved(it, root)).filter((it) => it.type !== "null");
}

function typeOf(schema: JsonObject): string {
  const types = isList(schema.type) ? schema.type.filter((it) => it !== "null") : [schema.type];
  if (types.length === 1 && typeof types[0] === "string") return types[0];
  return types.length === 1 && isObject(schema.properties) ? "object" : "";
}

/** A schema with `$ref` into the same document followed, and its only alternative taken. */
function resolved(schema: Json | undefined, root: Json | undefined, steps = 0): JsonObject {
  if (!isObject(schema) || steps > 16) return {};
  const reference = textOf(schema.$ref);
  if (reference.startsWith("#/")) {
    const target = reference
      .slice(2)
      .split("/")
      .reduce<Json | undefined>((it, part) => (isObject(it) ? it[part] : undefined), root);
    const { $ref: _reference, ...beside } = schema;
    return { ...resolved(target, root, steps + 1), ...beside };
  }
  const list = isList(schema.anyOf) ? schema.anyOf : isList(schema.oneOf) ? schema.oneOf : null;
  const real = list?.filter((it) => !isObject(it) || it.type !== "null");
  if (real?.length !== 1) return schema;
  const { anyOf: _any, oneOf: _one, ...beside } = schema;
  return { ...resolved(real[0], root, steps + 1), ...beside };
}

function whenOf(value: Json | undefined): Readonly<Record<string, readonly Json[]>> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([name, words]) => [name, isList(words) ? words : [words ?? null]]),
  );
}

/** Whether a form shows a field, given what its other fields have. */
export function isShown(field: FormField, fields: readonly FormField[], values: JsonObject): boolean {
  return Object.entries(field.when).every(([name, allowed]) => {
    const value = values[name] ?? fields.find((it) => it.name === name)?.fallback;
    return value === undefined || allowed.some((it) => same(it, value)) || isTemplate(value);
  });
}

/** Whether a value is a text with a template in it: what it will be is only known in a run. */
export function isTemplate(value: Json | undefined): value is string {
  return typeof value === "string" && value.includes("{{");
}

/** A first value for a control, where an empty one has to be something: a new item of a list. */
export function blank(control: Control): Json {
  switch (control.kind) {
    case "number":
      return control.minimum ?? 0;
    case "switch":
      return false;
    case "choice":
      return control.options[0] ?? null;
    case "list":
      return [];
    case "object":
    case "map":
      return {};
    case "variants":
      return { [control.by]: control.variants[0]?.value ?? null };
    default:
      return "";
  }
}
