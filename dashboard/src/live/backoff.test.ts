import { expect, test } from "vitest";
import { backoff } from "./backoff";

test("waits grow, stay within their bounds, and never end the trying", () => {
  for (let attempt = 1; attempt < 200; attempt++) {
    const [soonest, latest] = [backoff(attempt, 0), backoff(attempt, 1)];
    expect(soonest).toBeGreaterThanOrEqual(250);
    expect(latest).toBeLessThanOrEqual(15_000);
    expect(soonest).toBeLessThanOrEqual(latest);
  }
});
