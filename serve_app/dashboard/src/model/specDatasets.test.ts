import { expect, test } from "vitest";
import { datasetChoices, datasetFacts, ownDataCommands } from "./specDatasets";

const digits = { name: "digits", kind: "image", samples: 1797, classes: 10, source: "built in" };
const imdb = { name: "imdb", kind: "text", samples: 50_000, classes: 2, source: "download from example.org" };

test("a search finds names and kinds, and keeps the chosen one in the list", () => {
  const names = (search: string) => datasetChoices([digits, imdb], search, "digits").choices.map((one) => one.value);
  expect(names("")).toEqual(["digits", "imdb"]);
  expect(names("text")).toEqual(["digits", "imdb"]);
  expect(datasetChoices([digits, imdb], "text", "digits").found).toBe(1);
  expect(names("zebra")).toEqual(["digits"]);
});

test("a copied study may name a data set that is gone", () => {
  const { choices } = datasetChoices([digits], "", "leaves");
  expect(choices[0]).toEqual({ value: "leaves", label: "leaves · not on this server" });
  expect(datasetFacts(undefined)).toBe("This server does not have this data set.");
});

test("the facts of a data set are one line", () => {
  expect(datasetFacts(digits)).toBe("Images: 1,797 samples of 10 classes, built in.");
  expect(datasetFacts(imdb)).toBe("Texts: 50,000 samples of 2 classes, downloaded once, when a search needs it.");
  expect(datasetFacts(digits, 0.07)).toBe(
    "Images: 1,797 samples of 10 classes, built in. This search uses 7\u00a0% of the training samples, and all test " +
      "samples.",
  );
  expect(datasetFacts(digits, Number.NaN)).toBe(datasetFacts(digits, 1));
  expect(datasetFacts({ ...imdb, source: "in the data folder" })).toContain("of 2 classes, in the data folder.");
});

test("own data are added by commands that name this server", () => {
  const { add, upload } = ownDataCommands("http://gpu:8000");
  expect(add).toMatch(/^tuner datasets add /);
  expect(upload).toContain("'http://gpu:8000/datasets?name=leaves&format=npz'");
});
