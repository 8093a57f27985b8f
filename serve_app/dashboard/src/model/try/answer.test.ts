import { expect, test } from "vitest";
import type { Prediction } from "../../api/shapes";
import { agreementSentence, answerSentence, ranked, truthSentence } from "./answer";
import { pageStart, pageWords } from "./pages";
import { qualityOf, timesInHundred, validationWarning } from "./quality";
import { fileFormat, fileFormats, imageShape, waysOf } from "./ways";

const plain = (text: string) => text.replaceAll("\u00a0", " ");

function prediction(probabilities: Record<string, number>, more: Partial<Prediction> = {}): Prediction {
  return { label: "", probability: 0, probabilities, unsure: false, truth: null, ...more };
}

const SURE = prediction({ "3": 0.05, "7": 0.923, "9": 0.027 });
const UNSURE = prediction({ "3": 0.412, "8": 0.38, "9": 0.208 }, { unsure: true });

test("classes are ranked, equal ones by their label", () => {
  expect(ranked(SURE).map((one) => one.label)).toEqual(["7", "3", "9"]);
  expect(ranked(prediction({ b: 0.5, a: 0.5 })).map((one) => one.label)).toEqual(["a", "b"]);
  expect(ranked(prediction({ a: Number.NaN, b: 1 }))).toEqual([
    { label: "b", probability: 1 },
    { label: "a", probability: 0 },
  ]);
});

test("the answer is a sentence; one below the margin says that it is unsure", () => {
  expect(plain(answerSentence(SURE))).toBe("It says 7, with 92.3 %.");
  expect(plain(answerSentence(UNSURE))).toBe("It is unsure: 3 (41.2 %) or 8 (38.0 %).");
  expect(answerSentence(prediction({}))).toBe("The model names no class.");
});

test("a sample has its truth beside it", () => {
  expect(truthSentence(SURE)).toBe(null);
  expect(truthSentence({ ...SURE, truth: "7" })).toEqual({ right: true, text: "Right: the data say 7." });
  const wrong = truthSentence({ ...SURE, truth: "9" });
  expect(wrong?.right).toBe(false);
  expect(plain(wrong?.text ?? "")).toBe("Wrong: the data say 9, which got 2.7 %.");
});

test("two trials agree or not", () => {
  const one = { trial: 17, prediction: SURE };
  expect(plain(agreementSentence(one, { trial: 3, prediction: prediction({ "7": 0.6, "3": 0.4 }) }))).toBe(
    "Both say 7: trial 17 with 92.3 %, trial 3 with 60.0 %.",
  );
  expect(plain(agreementSentence(one, { trial: 3, prediction: UNSURE }))).toBe(
    "They disagree: trial 17 says 7 (92.3 %), trial 3 says 3 (41.2 %).",
  );
});

test("how often the model is right comes from test data for the winner, from validation data for others", () => {
  const known = { trial: 17, winner: 17, testAccuracy: 0.968, validationAccuracy: 0.98 };
  expect(qualityOf(known).sentence).toBe("On new data, the model of trial 17 is right about 97 times in 100.");
  expect(plain(qualityOf(known).note)).toMatch(/^Test accuracy 96.8 %\./);
  const other = qualityOf({ ...known, trial: 3, validationAccuracy: 0.9 });
  expect(other.sentence).toBe("On the validation data, the model of trial 3 is right about 90 times in 100.");
  expect(other.note).toContain("Only the winner is tested");
  expect(qualityOf({ ...known, testAccuracy: null }).note).toContain("not tested yet");
  const unknown = qualityOf({ ...known, testAccuracy: Number.NaN, validationAccuracy: null });
  expect(unknown.sentence).toBe("It is not known how often the model of trial 17 is right.");
});

test("a model that was trained on the validation samples knows them", () => {
  expect(validationWarning(17, 17, true)).toContain("knows them");
  expect(validationWarning(3, 17, true)).toBe(null);
  expect(validationWarning(17, 17, false)).toBe(null);
});

test("shares near 0 and 1 are not rounded to never and always", () => {
  expect(timesInHundred(0.9974)).toBe("997 times in 1,000");
  expect(timesInHundred(0.004)).toBe("4 times in 1,000");
  expect(timesInHundred(1)).toBe("100 times in 100");
  expect(timesInHundred(0)).toBe("0 times in 100");
});

const PIXELS = { anyOf: [{ type: "array" }, { type: "string", contentEncoding: "base64" }] };

test("only small grey images can be drawn, and only texts are typed", () => {
  expect(waysOf({ input: PIXELS, shape: [28, 28, 1] })).toEqual(["draw", "image", "sample"]);
  expect(waysOf({ input: PIXELS, shape: [32, 32, 3] })).toEqual(["image", "sample"]);
  expect(waysOf({ input: PIXELS, shape: [224, 224, 1] })).toEqual(["image", "sample"]);
  expect(waysOf({ input: { type: "string" }, shape: null })).toEqual(["text", "sample"]);
  expect(waysOf({ input: { type: "array" }, shape: null })).toEqual(["sample"]);
  expect(waysOf({ input: { anyOf: [{ type: "array" }] }, shape: [8, 8, 4] })).toEqual(["sample"]);
  expect(imageShape({ shape: [0, 28, 28, 1].slice(1) })).toEqual({ height: 28, width: 28, channels: 1 });
  expect(imageShape({ shape: [1, 2] })).toBe(null);
  expect(fileFormat({ input: { type: "string" } }, "Reviews.CSV.GZ")).toBe("csv.gz");
  expect(fileFormat({ input: { type: "string" } }, "reviews.ndjson")).toBe("jsonl");
  expect(fileFormat({ input: PIXELS }, "photos.zip")).toBe("zip");
  expect(fileFormat({ input: PIXELS }, "photos.txt")).toBe(null);
  expect(fileFormats({ input: { type: "array" } })).toEqual(["npz"]);
});

test("pages of samples", () => {
  expect([pageStart(0, 24), pageStart(25, 24), pageStart(-3, 24), pageStart(Number.NaN, 24)]).toEqual([0, 24, 0, 0]);
  expect(pageWords(24, 24, 1797)).toBe("25 to 48 of 1,797 samples");
  expect(pageWords(0, 0, 0)).toBe("No samples");
  expect(pageWords(48, 0, 30)).toBe("None here: there are 30 samples");
});
