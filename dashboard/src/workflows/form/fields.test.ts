import { describe, expect, test } from "vitest";
import type { Json } from "../definition/json";
import { blank, controlOf, fieldsOf, isShown } from "./fields";

const of = (schema: Json) => fieldsOf({ type: "object", properties: { x: schema } })[0];

describe("a control for each kind of value", () => {
  test.each<[Json, object]>([
    [{ type: "string" }, { kind: "text", multiline: false }],
    [
      { type: "string", format: "python" },
      { kind: "text", multiline: true, mono: true },
    ],
    [
      { type: "integer", minimum: 1, maximum: 9 },
      { kind: "number", integer: true, minimum: 1, maximum: 9 },
    ],
    [{ type: "number" }, { kind: "number", integer: false }],
    [{ type: "boolean" }, { kind: "switch" }],
    [{ enum: ["a", 2, null] }, { kind: "choice", options: ["a", 2, null] }],
    [{ oneOf: [{ const: "a" }, { const: "b" }] }, { kind: "choice", options: ["a", "b"] }],
    [
      { type: "array", items: { type: "string" } },
      { kind: "list", item: { kind: "text" } },
    ],
    [{ type: "array" }, { kind: "json" }],
    [
      { type: "object", additionalProperties: { type: "number" } },
      { kind: "map", value: { kind: "number" } },
    ],
    [
      { type: "object", properties: { y: { type: "boolean" } } },
      { kind: "object", fields: [{ name: "y" }] },
    ],
    [{ type: ["string", "null"] }, { kind: "text" }],
    [{ anyOf: [{ type: "integer" }, { type: "null" }] }, { kind: "number", integer: true }],
    [{ anyOf: [{ type: "integer" }, { type: "string" }] }, { kind: "json" }],
    [{}, { kind: "json" }],
  ])("%j", (schema, control) => expect(of(schema)?.control).toMatchObject(control));
});

test("what a field says of itself", () => {
  const schema = { properties: { n: { type: "integer", default: 3, description: "how many" } }, required: ["n"] };
  expect(fieldsOf(schema)).toMatchObject([
    { name: "n", title: "n", required: true, fallback: 3, description: "how many" },
  ]);
});

test("alternatives are told apart by the field that says which one it is", () => {
  const variant = (kind: string, name: string) => ({
    properties: { kind: { const: kind }, [name]: { type: "string" } },
  });
  const control = of({ oneOf: [variant("file", "path"), variant("web", "url")] })?.control;
  expect(control).toMatchObject({
    kind: "variants",
    by: "kind",
    variants: [{ value: "file", fields: [{ name: "path" }] }, { value: "web" }],
  });
  expect(of({ oneOf: [variant("a", "x"), variant("a", "y")] })?.control.kind).toBe("json");
});

test("references lead into the document, and around in it only so far", () => {
  const root = {
    $defs: {
      retry: { type: "object", properties: { times: { type: "integer" } } },
      tree: { type: "object", properties: { inner: { $ref: "#/$defs/tree" } } },
    },
    properties: {
      retry: { anyOf: [{ $ref: "#/$defs/retry" }, { type: "null" }], description: "beside" },
      tree: { $ref: "#/$defs/tree" },
      loop: { $ref: "#/properties/loop" },
    },
  };
  const [retry, tree, loop] = fieldsOf(root);
  expect(retry).toMatchObject({ description: "beside", control: { kind: "object", fields: [{ name: "times" }] } });
  expect(JSON.stringify(tree)).toContain("json");
  expect(loop?.control.kind).toBe("json");
});

test("a field is shown while another one says so, by its value or its default", () => {
  const fields = fieldsOf({
    properties: {
      method: { enum: ["GET", "POST"], default: "GET" },
      body: { type: "string", "x-shown-when": { method: ["POST"] } },
    },
  });
  const body = fields[1];
  if (body === undefined) throw new Error("no body");
  expect(isShown(body, fields, {})).toBe(false);
  expect(isShown(body, fields, { method: "POST" })).toBe(true);
  expect(isShown(body, fields, { method: "{{start.method}}" })).toBe(true);
});

test("what is no schema asks for raw JSON, and nothing breaks", () => {
  for (const odd of [
    null,
    5,
    "x",
    [],
    { properties: 5 },
    { properties: { a: null, b: { type: 7, enum: "x" } } },
  ] as Json[]) {
    expect(() => fieldsOf(odd)).not.toThrow();
  }
});

test("a first value fits its control", () => {
  expect(blank(controlOf({ type: "integer", minimum: 2 }, {}))).toBe(2);
  expect(blank(controlOf({ enum: ["a"] }, {}))).toBe("a");
  expect(blank(controlOf({}, {}))).toBe("");
});
