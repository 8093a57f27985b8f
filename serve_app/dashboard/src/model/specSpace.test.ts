import { expect, test } from "vitest";
import { isEmpty, namesOf, narrowingOf, type Override, overrideOf, scalar, spaceParameters } from "./specSpace";

const row = (name: string, range: string, only_with = "") => ({ name, range, widest: "", only_with, meaning: "" });

test("series are written out and variants of a name are joined", () => {
  expect(namesOf("filters_1 ... 3")).toEqual(["filters_1", "filters_2", "filters_3"]);
  const found = spaceParameters([
    row("filters_1 ... 2", "16..256 (log)"),
    row("learning_rate", "0.0001..0.01 (log)", "optimizer adam, adamw"),
    row("learning_rate", "0.001..0.3 (log)", "optimizer sgd"),
    row("activation", "relu, swish"),
  ]);
  expect(found.map((one) => one.name)).toEqual(["filters_1", "filters_2", "learning_rate", "activation"]);
  expect(found[2]?.ranges).toHaveLength(2);
  expect(found.map((one) => one.numeric)).toEqual([true, true, true, false]);
});

test("values as people type them", () => {
  expect(["relu", "0.1", "1e-4", "true", '"8"', " sgd "].map(scalar)).toEqual(["relu", 0.1, 1e-4, true, "8", "sgd"]);
});

test("a line of text becomes the shortest override that the API takes", () => {
  expect(overrideOf({ values: "relu" })).toBe("relu");
  expect(overrideOf({ values: "0.1" })).toBe(0.1);
  expect(overrideOf({ values: "32, 64" })).toEqual([32, 64]);
  expect(overrideOf({ values: "[adam]" })).toEqual(["adam"]);
  expect(overrideOf({ values: '"a, b", c' })).toEqual(["a, b", "c"]);
  expect(overrideOf({ values: "1e-4 .. 1e-2" })).toBe("1e-4..1e-2");
  expect(overrideOf({ values: "1e-4..1e-2", scale: "log", prior: "1e-3" })).toEqual({
    low: 1e-4,
    high: 1e-2,
    log: true,
    prior: 1e-3,
  });
  expect(overrideOf({ values: "32.." })).toEqual({ low: 32 });
  expect(overrideOf({ values: "", prior: "relu" })).toEqual({ prior: "relu" });
  expect(overrideOf({ values: "a, b", prior: "a" })).toEqual({ choices: ["a", "b"], prior: "a" });
});

test("an override of a study comes back as the same one", () => {
  const overrides: Override[] = [
    { choices: ["relu"] },
    { choices: [32, 64] },
    { choices: [true] },
    { choices: ["a, b", "8", "none"] },
    { low: 1e-4, high: 1e-2 },
    { low: 16, high: null },
    { low: 1e-4, high: 1e-2, log: false, prior: 0.001 },
    { prior: "relu" },
  ];
  for (const override of overrides) {
    const again = overrideOf(narrowingOf(override));
    expect(wholeOf(again)).toEqual(Object.fromEntries(Object.entries(override).filter(([, value]) => value !== null)));
  }
});

/** An override in its long form, as the server makes it of a short one. */
function wholeOf(short: unknown): unknown {
  const range = typeof short === "string" ? /^(.+)\.\.(.+)$/.exec(short) : null;
  if (range) return { low: Number(range[1]), high: Number(range[2]) };
  if (Array.isArray(short)) return { choices: short };
  return typeof short === "object" ? short : { choices: [short] };
}

test("spaces alone narrow nothing", () => {
  expect(isEmpty({ values: "  " })).toBe(true);
  expect(isEmpty({ values: "", prior: "relu" })).toBe(false);
});
