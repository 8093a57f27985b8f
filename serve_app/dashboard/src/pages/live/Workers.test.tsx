// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { studyOfJob } from "../../live/fromJob";
import { JOB, PAGE } from "../../live/recorded";
import { withPage } from "../../live/rows";
import { liveStore } from "../../live/store";
import type { StudyHead } from "./useStudyHead";
import { Workers } from "./Workers";

afterEach(cleanup);

test("what a worker waits for is never cut, nor is its machine", () => {
  const study = withPage(studyOfJob(JOB, undefined, PAGE.sequence), PAGE, [], true);
  const told = { trial_number: 2, epoch: 1, epochs: 3, batch: null, batches: null };
  const waiting_for = "TensorFlow, which prepares the first batch on this machine";
  const progress = { ...study.progress, running: [{ ...told, waiting_for }] } as StudyHead["progress"];
  liveStore.setState({ study: { ...study, progress } });
  render(<Workers head={{ ...study, progress }} highlighted={null} onHighlight={() => {}} />);
  expect(screen.getByText(`waits for ${waiting_for}`).className).not.toContain("truncate");
  const row = document.querySelector("[data-worker='2']");
  expect(row?.querySelector(".truncate")).toBe(null);
  expect(row?.querySelector("p")?.textContent).not.toBe("");
});
