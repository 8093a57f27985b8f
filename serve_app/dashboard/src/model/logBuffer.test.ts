import { expect, test } from "vitest";
import { appended, EMPTY } from "./logBuffer";

const part = (next_offset: number, ...lines: string[]) => ({ lines, next_offset });

test("parts are appended in order, with places that stay", () => {
  const first = appended(EMPTY, part(10, "a", "b"), 100);
  const next = appended(first, part(15, "c"), 100);
  expect(next.lines.map((line) => [line.place, line.text])).toEqual([
    [0, "a"],
    [1, "b"],
    [2, "c"],
  ]);
  expect(next).toMatchObject({ offset: 15, cut: false });
});

test("a part without lines changes nothing but the offset", () => {
  const first = appended(EMPTY, part(10, "a"), 100);
  expect(appended(first, part(10), 100).lines).toBe(first.lines);
  expect(appended(EMPTY, part(0), 100)).toEqual({ lines: [], offset: 0, cut: false });
});

test("lines that are not here are told", () => {
  expect(appended(EMPTY, part(10, "a", "b"), 2).cut).toBe(true);
  const long = appended(EMPTY, part(10, "a", "b", "c"), 100, 2);
  expect(long.lines.map((line) => line.text)).toEqual(["b", "c"]);
  expect(long.cut).toBe(true);
  expect(appended(EMPTY, part(2 ** 21, "a"), 100).cut).toBe(true);
});
