import { expect, test } from "vitest";
import { balanceSentence, classRows, partsWords } from "./classCounts";
import { listSentence, shownDatasets, sourceWords } from "./datasetList";
import { draftErrors, formatOf, nameOf, serverErrors } from "./upload";

const counted = (label: string, train: number, validation = 0, test_ = 0) => ({
  label,
  train,
  validation,
  test: test_,
});

test("classes keep the order of the outputs, or stand by size", () => {
  const classes = [counted("b", 5, 1, 1), counted("a", 20, 4, 4), counted("c", 14)];
  expect(classRows(classes).map((row) => [row.label, row.total, row.share])).toEqual([
    ["b", 7, 0.25],
    ["a", 28, 1],
    ["c", 14, 0.5],
  ]);
  expect(classRows(classes, "largest").map((row) => row.label)).toEqual(["a", "c", "b"]);
  expect(classRows(classes, "smallest").map((row) => row.label)).toEqual(["b", "c", "a"]);
  expect(partsWords(classes)).toBe("39 for training, 5 for validation, 5 for the test");
  expect(classRows([counted("none", 0)])[0]?.share).toBe(0);
});

test("a sentence says whether the classes are balanced", () => {
  expect(balanceSentence([counted("a", 100), counted("b", 100)])).toBe("2 classes with 100 samples each.");
  expect(balanceSentence([counted("a", 183), counted("b", 174)])).toBe(
    "2 classes of about the same size: 174 to 183 samples each.",
  );
  expect(balanceSentence([counted("cat", 300), counted("dog", 100)])).toBe(
    "2 classes. The largest, cat, has 3.0 times as many samples as the smallest, dog.",
  );
  expect(balanceSentence([counted("cat", 1200), counted("dog", 100)])).toMatch(
    /has 12 times .* balanced accuracy too\.$/,
  );
  expect(balanceSentence([counted("cat", 5), counted("dog", 0)])).toContain("5.0 times");
  expect(balanceSentence([])).toBe("The data set has no classes.");
  expect(balanceSentence([counted("a", 1)])).toBe("One class, a, with 1 sample.");
});

const LIST = [
  { name: "mnist", kind: "image", samples: 70_000, classes: 10, source: "storage.googleapis.com" },
  { name: "digits", kind: "image", samples: 1797, classes: 10, source: "built in" },
  { name: "reviews", kind: "text", samples: 900, classes: 2, source: "uploaded" },
  { name: "birds", kind: "image", samples: 6033, classes: 200, source: "registered" },
];

test("data sets are found by name, kind and source, and sorted", () => {
  const names = (search: string, sort: Parameters<typeof shownDatasets>[2]) =>
    shownDatasets(LIST, search, sort).map((one) => one.name);
  expect(names("", "source")).toEqual(["reviews", "birds", "mnist", "digits"]);
  expect(names("", "samples")).toEqual(["mnist", "birds", "digits", "reviews"]);
  expect(names("", "classes")).toEqual(["birds", "digits", "mnist", "reviews"]);
  expect(names("texts", "name")).toEqual(["reviews"]);
  expect(names("disk", "name")).toEqual(["birds"]);
  expect(names("nothing", "name")).toEqual([]);
});

test("the list has a sentence", () => {
  expect(listSentence(LIST)).toBe(
    "4 data sets: 2 of your own, 1 ready on this server, 1 downloaded when a search needs it.",
  );
  expect(sourceWords("in the data folder")).toBe("In the data folder");
});

test("a file names its format and the data set", () => {
  expect(formatOf("a/Table.CSV.GZ")).toBe("csv.gz");
  expect(formatOf("photos.zip")).toBe("zip");
  expect(formatOf("x.ndjson")).toBe("jsonl");
  expect(formatOf("notes.docx")).toBe(null);
  expect(nameOf("My Photos (2).zip")).toBe("My-Photos-2");
  expect(nameOf("reviews.csv.gz")).toBe("reviews");
  expect(nameOf("…")).toBe("");
});

test("what is missing stands at its field", () => {
  expect(draftErrors({ name: "", format: "", file: null }, [])).toEqual({
    file: "Choose a file.",
    format: "Choose what the file holds.",
    name: "Give it a name.",
  });
  const file = { name: "a.csv", size: 10 };
  expect(draftErrors({ name: "digits", format: "csv", file }, ["digits"]).name).toMatch(/taken/);
  expect(draftErrors({ name: "-a", format: "csv", file }, []).name).toMatch(/first one/);
  expect(draftErrors({ name: "a", format: "csv", file: { ...file, size: 0 } }, []).file).toBe("This file is empty.");
  expect(draftErrors({ name: "a", format: "csv", file }, [])).toEqual({});
});

test("errors of the server stand at their fields", () => {
  const problem = { message: "not valid", remedy: null, errors: [] };
  const named = { ...problem, status: 422, errors: [{ field: "name", message: "must match" }] };
  expect(serverErrors(named)).toEqual({ name: "Must match." });
  expect(serverErrors({ ...problem, status: 422, message: "no column text", remedy: "rename it" })).toEqual({
    file: "No column text. Rename it.",
  });
  expect(serverErrors({ ...problem, status: 409, message: "the name is taken" })).toEqual({
    name: "The name is taken.",
  });
  expect(serverErrors({ ...problem, status: 413, message: "too large" })).toEqual({ file: "Too large." });
  expect(serverErrors({ ...problem, status: 500 })).toBe(null);
});
