import { expect, it } from "vitest";
import { explained } from "./glossary";

const found = (text: string) => explained(text).flatMap((part) => (part.meaning === undefined ? [] : [part.text]));

it("explains each word of the field once, and changes no text", () => {
  const text = "Stopped early by ASHA at rung 2, after epoch 7: its total_score was low. ASHA compared rungs.";
  expect(found(text)).toEqual(["ASHA", "rung", "total_score"]);
  expect(
    explained(text)
      .map((part) => part.text)
      .join(""),
  ).toBe(text);
  expect(found("Initializer and Pareto front")).toEqual(["Initializer", "Pareto front"]);
  expect(found("a wrung cloth")).toEqual([]);
  expect(explained("")).toEqual([]);
});
