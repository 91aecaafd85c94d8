/** JSON as a value that is never changed in place. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json | undefined;
}
export type Path = readonly (string | number)[];

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isList(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

export function textOf(value: unknown, otherwise = ""): string {
  return typeof value === "string" ? value : otherwise;
}

/** What stands at a path, or undefined. */
export function at(value: Json | undefined, path: Path): Json | undefined {
  let here: Json | undefined = value;
  for (const part of path) {
    if (isList(here)) here = here[Number(part)];
    else if (isObject(here) && Object.hasOwn(here, part)) here = here[part];
    else return undefined;
  }
  return here;
}

/** The same value with another one at a path: everything beside it is untouched, names keep their order. undefined removes. */
export function put(value: Json | undefined, path: Path, next: Json | undefined): Json | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return next;
  if (isList(value)) {
    const index = Number(first);
    const inner = put(value[index], rest, next);
    return inner === undefined ? value.toSpliced(index, 1) : value.with(Math.min(index, value.length), inner);
  }
  const object = isObject(value) ? value : {};
  const inner = put(Object.hasOwn(object, first) ? object[first] : undefined, rest, next);
  return inner === undefined ? without(object, String(first)) : { ...object, [first]: inner };
}

export function without(object: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
}

/** Whether two values are the same JSON; the order of names does not count. */
export function same(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (isList(a) && isList(b)) return a.length === b.length && a.every((item, index) => same(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]))
  );
}

/** A JSON pointer (RFC 6901) as a path. */
export function pathOf(pointer: string): readonly string[] {
  if (pointer === "") return [];
  return pointer
    .replace(/^\//, "")
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}
