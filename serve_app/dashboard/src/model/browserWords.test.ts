import { expect, test } from "vitest";
import { browserWords } from "./browserWords";

test.each([
  [
    "study 'first' already exists: choose another run_name, or POST /jobs/first/resume",
    "a study named “first” exists already: choose another name, or resume it on its page",
  ],
  ["must be auto or the name of a study of GET /jobs", "must be auto or the name of an earlier study"],
  [
    "must be the name of a data set of GET /datasets, not a path: did you mean 'digits'?",
    "this server has no data set of this name: did you mean 'digits'?",
  ],
  [
    "cannot download reuters.npz from https://example.org/reuters.npz (no connection): connect to the network, or set data_dir to a folder with reuters.npz",
    "cannot download reuters.npz from https://example.org/reuters.npz (no connection): connect to the network, or ask whoever runs the server to put reuters.npz into its data folder",
  ],
  ["GET /jobs/{id}/trials", "see the list for those that exist"],
])("%s", (message, words) => {
  expect(browserWords(message)).toBe(words);
});

test("no request and no setting of the server is left in the words for own models", () => {
  expect(browserWords("is code: the operator has to list it first (TUNER_ALLOWED_MODELS)")).not.toMatch(
    /TUNER_|GET|POST/,
  );
});

test("other messages stay as they are", () => {
  expect(browserWords("the disk is full")).toBe("the disk is full");
});
