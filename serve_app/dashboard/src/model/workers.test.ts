import { expect, test } from "vitest";
import { runningNumbers, type TrialForWorker, waitingText, workerRow } from "./workers";

const trial: TrialForWorker = {
  number: 7,
  status: "running",
  node: "gpu-1",
  place: "local",
  epochs_trained: 3,
  epochs: 14,
  batch: { epoch: 4, epochs: 14, batch: 74, batches: 100 },
};

test("a row says epoch, share and machine", () => {
  const row = workerRow(trial);
  expect(row.text).toBe("Epoch 4 of 14, 74\u00a0%");
  expect(row.batches).toBe("batch 74 of 100");
  expect(row.machine).toBe("gpu-1");
  expect(row.total).toBeCloseTo(3.74 / 14);
});

test("a batch of an epoch that has ended is not shown", () => {
  expect(workerRow({ ...trial, epochs_trained: 4 }).text).toBe("Epoch 5 of 14");
  expect(workerRow({ ...trial, epochs_trained: 14 }).text).toBe("Epoch 14 of 14");
});

test("the progress message fills what no sample told", () => {
  const told = { trial_number: 7, epoch: 4, epochs: 14, batch: 50, batches: 100 };
  expect(workerRow({ ...trial, batch: null }, told).text).toBe("Epoch 4 of 14, 50\u00a0%");
  expect(workerRow({ ...trial, batch: null }, { ...told, batch: null, batches: null }).share).toBeNull();
  expect(workerRow({ ...trial, batch: null, epochs: null }).text).toBe("Epoch 4");
});

test("what waits says for what", () => {
  expect(workerRow({ ...trial, waiting_for: "a RunPod worker" }).waiting).toBe("waits for a RunPod worker");
  const study = { status: "running", progress: { waiting_for: "a free GPU" } };
  expect(waitingText(study, 2)).toBe("The next trial waits for a free GPU.");
  expect(waitingText({ status: "running", progress: {} }, 2)).toBeNull();
  expect(waitingText({ status: "completed", progress: {} }, 0)).toBe("No trial is training.");
});

test("running trials come in order", () => {
  const trials = [3, 1, 2].map((number) => ({ number, status: number === 2 ? "completed" : "running" }));
  expect(runningNumbers(trials)).toEqual([1, 3]);
});

test("a study whose trials have all ended says what it still does", () => {
  const progress = { trials_performed: 10, total_trials: 10 };
  const said = (test_accuracy: number | null) => waitingText({ status: "running", test_accuracy, progress }, 0);
  expect(said(null)).toContain("its best model is being saved and tested");
  expect(said(0.9)).toContain("its figures are being drawn");
  const between = { status: "running", progress: { ...progress, trials_performed: 3 } };
  expect(waitingText(between, 0)).toBe("No trial is training now: the next networks are being chosen.");
  expect(waitingText({ ...between, progress: { trials_performed: 0, total_trials: 10 } }, 0)).toContain("training yet");
});
