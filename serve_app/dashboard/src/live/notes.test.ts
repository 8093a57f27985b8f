import { expect, test } from "vitest";
import type { FeedMessage } from "../api/generated/feed";
import { withStudyNotes } from "./notes";
import { reduceTrial, unknownTrial } from "./reduceTrial";

const told = (fields: object) =>
  ({ type: "trial_changed", study: "digits", sequence: 9, trial_number: 3, ...fields }) as unknown as FeedMessage;

test("a message changes the fields that it has, and no other", () => {
  const starred = reduceTrial({ ...unknownTrial(3), note: "keep" }, told({ starred: true }));
  expect(starred).toMatchObject({ number: 3, starred: true, note: "keep", cancel_requested_at: null });
  expect(reduceTrial(starred, told({ note: null }))).toMatchObject({ starred: true, note: null });
});

test("a message with a list of changed fields changes these only", () => {
  const trial = { ...unknownTrial(3), note: "keep", starred: true };
  const after = reduceTrial(trial, told({ note: null, starred: false, changed: ["starred"] }));
  expect(after).toMatchObject({ note: "keep", starred: false });
});

test("a study keeps what a change does not name", () => {
  const job = { id: "digits", note: "first", tags: ["a"], concurrent_workers: 2 };
  expect(withStudyNotes(job, { tags: ["b", "c"] })).toEqual({ ...job, tags: ["b", "c"] });
  expect(withStudyNotes(job, { note: null, concurrent_workers: 4 })).toEqual({
    ...job,
    note: null,
    concurrent_workers: 4,
  });
});
