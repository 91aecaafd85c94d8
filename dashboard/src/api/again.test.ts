import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, expect, test, vi } from "vitest";
import { readAgain } from "./again";

const key = ["inbox"];

afterEach(() => vi.unstubAllGlobals());

/** A query whose readings are answered by hand, and its observer. */
function aQuery() {
  vi.stubGlobal("window", { setTimeout });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const waiting: ((answer: string) => void)[] = [];
  const queryFn = () => new Promise<string>((resolve) => waiting.push(resolve));
  const end = new QueryObserver(queries, { queryKey: key, queryFn }).subscribe(() => undefined);
  const answer = async (text: string) => {
    await vi.waitFor(() => expect(waiting).not.toHaveLength(0));
    waiting.shift()?.(text);
  };
  return { queries, answer, end };
}

test("a change during the first reading is read after it", async () => {
  const { queries, answer, end } = aQuery();
  const again = readAgain(queries, key);
  await answer("before");
  await answer("after");
  await vi.waitFor(() => expect(queries.getQueryData(key)).toBe("after"));
  await again;
  end();
});

test("a change during a later reading begins that one anew", async () => {
  const { queries, answer, end } = aQuery();
  await answer("first");
  await vi.waitFor(() => expect(queries.getQueryData(key)).toBe("first"));
  void readAgain(queries, key);
  void readAgain(queries, key);
  await answer("of the one that was given up");
  await answer("after");
  await vi.waitFor(() => expect(queries.getQueryData(key)).toBe("after"));
  end();
});
