import { expect, test } from "vitest";
import { at, type Json, pathOf, put, same } from "./json";
import { jsonFlaw, textFromValue, valueFromText } from "./values";

test("a value is put at a path, and taken away again, without touching anything else", () => {
  const value: Json = { b: { c: [1, { d: 2 }] }, a: null };
  const more = put(value, ["b", "c", 1, "e"], "x");
  expect(JSON.stringify(more)).toBe('{"b":{"c":[1,{"d":2,"e":"x"}]},"a":null}');
  expect(JSON.stringify(put(more, ["b", "c", 1, "e"], undefined))).toBe(JSON.stringify(value));
  expect((more as { a: null }).a).toBe(value.a);
});

test("what is not there yet is made on the way", () => {
  expect(put({}, ["a", "b"], 1)).toEqual({ a: { b: 1 } });
  expect(put("text", ["a"], 1)).toEqual({ a: 1 });
});

test("names that JavaScript knows are names like any other", () => {
  const odd = put({}, ["__proto__", "x"], 1) as object;
  expect(JSON.stringify(odd)).toBe('{"__proto__":{"x":1}}');
  expect(({} as { x?: number }).x).toBeUndefined();
  expect(at({}, ["constructor"])).toBeUndefined();
});

test("pointers are read as RFC 6901 writes them", () => {
  expect(pathOf("/nodes/3/parameters/a~1b~0c")).toEqual(["nodes", "3", "parameters", "a/b~c"]);
  expect(pathOf("")).toEqual([]);
});

test("the order of names does not make values different, the order of items does", () => {
  expect(same({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toBe(true);
  expect(same([1, 2], [2, 1])).toBe(false);
  expect(same({ a: undefined as never }, {})).toBe(false);
});

test.each<Json>([
  "text",
  "5",
  "true",
  '"quoted"',
  "",
  "null",
  5,
  0.1,
  true,
  null,
  [1, "a"],
  { a: { b: "c" } },
  "{{a.b}}",
  "[x",
])("%j is typed and read again as itself", (value) => expect(valueFromText(textFromValue(value))).toEqual(value));

test("half a list is not taken for a text", () => {
  expect(jsonFlaw("[1, 2")).toContain("not JSON yet");
  expect(jsonFlaw("[1, 2]")).toBeNull();
  expect(jsonFlaw("plain")).toBeNull();
  expect(jsonFlaw('{"a": {{start.b}}}')).toBeNull();
});
