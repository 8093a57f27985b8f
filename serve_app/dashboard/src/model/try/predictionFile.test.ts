import { expect, test } from "vitest";
import { parsedCsv, predictionsName, summaryOf, summarySentence } from "./predictionFile";

const CSV = [
  "input,label,probability,bad,good,problem",
  '"so, so",bad,0.55,0.55,0.45,',
  '"he said ""wow""",good,0.99,0.01,0.99,',
  '"two\nlines",good,0.8,0.2,0.8,',
  'row 4,,,,,"no text, but a number"',
  "",
].join("\r\n");

test("quoted fields hold commas, quotes and line breaks", () => {
  expect(parsedCsv('a,"b, c"\r\n"d ""e""",""\r\n')).toEqual([
    ["a", "b, c"],
    ['d "e"', ""],
  ]);
  expect(parsedCsv("a,b\n1,")).toEqual([
    ["a", "b"],
    ["1", ""],
  ]);
  expect(() => parsedCsv('a"b\n')).toThrow("no valid CSV");
});

test("the summary counts rows, classes and unsure answers", () => {
  const summary = summaryOf(CSV);
  expect(summary.rows).toBe(4);
  expect(summary.problems).toBe(1);
  expect(summary.first[3]?.problem).toBe("no text, but a number");
  expect(summary.classes).toEqual([
    { label: "good", rows: 2 },
    { label: "bad", rows: 1 },
  ]);
  expect(summary.unsure).toBe(1);
  expect(summary.first[2]).toEqual({
    input: "two\nlines",
    label: "good",
    probability: 0.8,
    unsure: false,
    problem: "",
  });
  expect(summarySentence(summary).replaceAll("\u00a0", " ")).toBe(
    "3 inputs classified: most often good (66.7 %). The model is unsure about 1. " +
      "1 input could not be classified: see the column problem.",
  );
});

test("a file without inputs says so, and shows no number that is none", () => {
  expect(summarySentence(summaryOf("input,label,probability,a,b,problem\r\n"))).toBe("The file holds no inputs.");
  expect(summaryOf("input,label,probability,a,problem\r\nx,a,oops,1,\r\n").first[0]?.probability).toBe(null);
  const failed = summaryOf("input,label,probability,a,problem\r\nx,,,,broken\r\n");
  expect(summarySentence(failed)).toMatch(/^No input was classified\. 1 input could not be classified/);
  expect([failed.unsure, failed.classes.length]).toEqual([0, 0]);
});

test("ten thousand rows are read at once", () => {
  const line = `${"a long text ".repeat(20)},good,0.9,0.1,0.9\r\n`;
  const begun = performance.now();
  expect(summaryOf(`input,label,probability,bad,good\r\n${line.repeat(10_000)}`).rows).toBe(10_000);
  expect(performance.now() - begun).toBeLessThan(5_000);
});

test("the file of predictions is named for its inputs", () => {
  expect(predictionsName("my photos.zip")).toBe("my photos-predictions.csv");
  expect(predictionsName("reviews")).toBe("reviews-predictions.csv");
});
