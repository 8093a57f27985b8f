import { expect, test } from "vitest";
import { splitName } from "./studyName";

test("names that begin alike differ in the part that is always shown", () => {
  const [one, other] = ["digits-20261130-032353-3fa2", "digits-20261130-041201-0b7e"].map(splitName);
  expect(one).toEqual({ start: "digits-20261130", end: "-032353-3fa2" });
  expect(other?.end).toBe("-041201-0b7e");
  expect(splitName("leaves-with-health-2").end).toBe("ealth-2");
});

test("a short name stays whole", () => {
  expect(splitName("digits-test")).toEqual({ start: "digits-test", end: "" });
});
