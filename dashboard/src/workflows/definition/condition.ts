import { at, isList, isObject, type Json, type JsonObject, put, textOf } from "./json";

/** Operators of conditions as people read them; those of the second table ask for no value. */
export const BINARY: Readonly<Record<string, string>> = {
  eq: "=",
  neq: "≠",
  gt: ">",
  lt: "<",
  gte: "≥",
  lte: "≤",
  contains: "contains",
  not_contains: "does not contain",
  matches: "matches",
  in: "is one of",
  not_in: "is none of",
  starts_with: "starts with",
  ends_with: "ends with",
};
export const UNARY: Readonly<Record<string, string>> = {
  exists: "exists",
  not_exists: "does not exist",
  is_empty: "is empty",
  is_not_empty: "is not empty",
  is_true: "is true",
  is_false: "is false",
  is_string: "is a text",
  is_number: "is a number",
  is_boolean: "is true or false",
  is_array: "is a list",
  is_object: "is an object",
};
export const DEEPEST = 8;

export type Kind = "question" | "all" | "any";

export function kindOf(condition: Json | undefined): Kind {
  if (isObject(condition) && condition.all !== undefined) return "all";
  return isObject(condition) && condition.any !== undefined ? "any" : "question";
}

export function membersOf(condition: Json | undefined): readonly Json[] {
  const members = isObject(condition) ? (condition.all ?? condition.any) : undefined;
  return isList(members) ? members : [];
}

export const BLANK: JsonObject = { field: "", operator: "eq", value: "" };

/** A question with another operator: it keeps its value only where that is asked for. */
export function withOperator(question: JsonObject, operator: string): JsonObject {
  const { value, ...rest } = question;
  return operator in UNARY ? { ...rest, operator } : { ...rest, operator, value: value ?? "" };
}

/** A condition as a group of the other kind, or a question become a group of itself. */
export function withKind(condition: Json, kind: "all" | "any"): JsonObject {
  return { [kind]: kindOf(condition) === "question" ? [condition] : membersOf(condition) };
}

/** The condition without one member; a group that is left with nothing is none itself. */
export function withoutMember(condition: Json, path: readonly (string | number)[]): Json | null {
  const rest = put(condition, path, undefined) ?? null;
  const group = path.slice(0, -1);
  if (path.length === 0) return null;
  return membersOf(at(rest, group.slice(0, -1))).length > 0 ? rest : withoutMember(condition, group.slice(0, -1));
}

/** A condition in one line, as an edge's label shows it. */
export function conditionText(condition: Json | undefined, depth = 0): string {
  if (!isObject(condition) || depth > DEEPEST) return "?";
  const kind = kindOf(condition);
  if (kind !== "question") {
    const members = membersOf(condition).map((member) => conditionText(member, depth + 1));
    const text = members.join(kind === "all" ? " and " : " or ");
    return depth > 0 && members.length > 1 ? `(${text})` : text || "?";
  }
  const field = textOf(condition.field) || "output";
  const operator = textOf(condition.operator, "eq");
  if (operator in UNARY) return `${field} ${UNARY[operator]}`;
  return `${field} ${BINARY[operator] ?? operator} ${JSON.stringify(condition.value ?? null)}`;
}
