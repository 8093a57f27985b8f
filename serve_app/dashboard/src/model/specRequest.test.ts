import { expect, test } from "vitest";
import { randomKey, startRequest } from "./specRequest";

test("a repeated start has the same key, a changed one another", () => {
  let made = 0;
  const newKey = () => `key${++made}`;
  const first = startRequest(null, { trials: 8 }, newKey);
  expect(startRequest(first, { trials: 8 }, newKey)).toBe(first);
  expect(startRequest(first, { trials: 9 }, newKey).key).toBe("key2");
});

test("keys are long, and never the same", () => {
  const keys = new Set(Array.from({ length: 100 }, randomKey));
  expect(keys.size).toBe(100);
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/);
});
