import { expect, test } from "vitest";
import { actionsOf } from "./studyActions";

const study = { cancel_requested_at: null, totalTrials: 8, performedTrials: 3 };

test("a study that runs or starts can be cancelled once, and nothing else", () => {
  for (const status of ["running", "created"] as const) {
    expect(actionsOf({ ...study, status })).toEqual({
      cancel: "cancel",
      resume: false,
      moreTrials: false,
      deleteRefusal: "This study is not finished. Cancel it first, then delete it.",
    });
  }
  const asked = { ...study, status: "running" as const, cancel_requested_at: "2026-11-29T23:00:00Z" };
  expect(actionsOf(asked).cancel).toBe("cancelling");
});

test("a study that ended early can be resumed, a complete one only get more trials", () => {
  expect(actionsOf({ ...study, status: "interrupted" })).toMatchObject({ resume: true, moreTrials: true });
  expect(actionsOf({ ...study, status: "cancelled" })).toMatchObject({ resume: true, moreTrials: true });
  expect(actionsOf({ ...study, status: "cancelled", performedTrials: 8 })).toMatchObject({ resume: false });
  expect(actionsOf({ ...study, status: "completed", performedTrials: 8 })).toMatchObject({
    cancel: null,
    resume: false,
    moreTrials: true,
    deleteRefusal: null,
  });
  expect(actionsOf({ ...study, status: "failed" })).toMatchObject({ resume: true, moreTrials: false });
});
