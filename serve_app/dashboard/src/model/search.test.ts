import { expect, test } from "vitest";
import { ranked, trialOfQuery } from "./search";

const found = (label: string, words = "") => ({ id: label, label, group: "Page", words });
const ALL = [
  found("All studies", "home start"),
  found("digits-1"),
  found("mnist-digits"),
  found("New search", "start study"),
];
const labels = (query: string) => ranked(ALL, query).map((one) => one.label);

test("nothing typed shows everything in its order", () => {
  expect(labels("  ")).toEqual(ALL.map((one) => one.label));
  expect(ranked(ALL, "", 2)).toHaveLength(2);
});

test("a label that begins with the query comes before one that has it later", () => {
  expect(labels("digits")).toEqual(["digits-1", "mnist-digits"]);
});

test("every word must fit, also by other words than the label's", () => {
  expect(labels("start new")).toEqual(["New search"]);
  expect(labels("start zebra")).toEqual([]);
});

test("a page of this study comes before the others and before an action of the same word", () => {
  const all = [
    found("This study: log"),
    found("This study: compare trials"),
    found("Compare studies"),
    found("Log out"),
  ];
  expect(ranked(all, "log")[0]?.label).toBe("This study: log");
  expect(ranked(all, "compare")[0]?.label).toBe("This study: compare trials");
});

test("letters in order are enough, as the last of the results", () => {
  expect(labels("mndi")).toEqual(["mnist-digits"]);
  expect(labels("NEW")).toEqual(["New search"]);
});

test("a trial is found by its number, with and without the word", () => {
  for (const query of ["3", "trial 3", "Trial 3", "trial3", "#3", "trial #3", " 3 "])
    expect(trialOfQuery(query)).toBe(3);
  for (const query of ["trial", "3 layers", "digits-3", "", "3.5"]) expect(trialOfQuery(query)).toBeNull();
});
