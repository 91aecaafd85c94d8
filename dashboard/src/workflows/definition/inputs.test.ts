import { expect, test } from "vitest";
import { inputsOf, withInput, withoutInput } from "./inputs";

test("inputs are added, renamed and taken away; what else the schema says is kept", () => {
  const one = withInput(undefined, { name: "branch", type: "string", required: true });
  expect(one).toEqual({ type: "object", properties: { branch: { type: "string" } }, required: ["branch"] });
  const described = {
    ...one,
    properties: { branch: { type: "string", description: "kept" } },
    additionalProperties: false,
  };
  const renamed = withInput(described, { name: "ref", type: "any", required: false }, "branch");
  expect(renamed).toEqual({
    type: "object",
    properties: { ref: { description: "kept" } },
    additionalProperties: false,
  });
  expect(withoutInput(one, "branch")).toBeUndefined();
  expect(withoutInput(renamed, "ref")).toEqual({ type: "object", properties: {}, additionalProperties: false });
});

test("a schema that a table cannot show is edited as JSON", () => {
  expect(inputsOf({ type: "array" })).toBeNull();
  expect(inputsOf({ properties: { a: true } })).toBeNull();
  expect(inputsOf(null)).toEqual([]);
  expect(inputsOf({ properties: { a: { type: "integer" } }, required: ["a"] })).toEqual([
    { name: "a", type: "integer", required: true },
  ]);
});
