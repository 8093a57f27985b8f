import { expect, test } from "vitest";
import { noteFault, notesChange, notesOf, readTags, readWorkers, tagsFault, workersText } from "./studyNotes";

const before = { note: "first try", tags: ["a", "b"], workers: 2 };

test("a study of an older server has no note, no tags and no known number of workers", () => {
  expect(notesOf({})).toEqual({ note: null, tags: [], workers: null });
  expect(notesOf({ note: "x", tags: ["a"], concurrent_workers: 3 })).toEqual({ note: "x", tags: ["a"], workers: 3 });
});

test("tags are read as they are typed", () => {
  expect(readTags(" baseline,  small  data,, baseline ,")).toEqual(["baseline", "small data"]);
  expect(tagsFault(["a"])).toBe(null);
  expect(tagsFault(Array.from({ length: 21 }, (_, place) => `t${place}`))).toContain("at most 20 tags");
  expect(tagsFault(["x".repeat(41)])).toContain("at most 40 characters");
  expect(noteFault("x".repeat(10_001))).toContain("10,000");
});

test("only what differs is sent; an emptied note is removed", () => {
  expect(notesChange(before, "first try", ["a", "b"])).toBe(null);
  expect(notesChange(before, " ", ["a", "b"])).toEqual({ note: null });
  expect(notesChange(before, "second", ["b"])).toEqual({ note: "second", tags: ["b"] });
});

test("the number of workers is a whole number from 1, and its effect is said", () => {
  expect([readWorkers("4"), readWorkers("0"), readWorkers("1.5"), readWorkers("")]).toEqual([4, null, null, null]);
  expect(workersText(2, 4)).toContain("as soon as the machines have room");
  expect(workersText(4, 2)).toContain("No running trial is stopped");
  expect(workersText(null, 2)).toContain("as many trials as the machines can hold");
});
