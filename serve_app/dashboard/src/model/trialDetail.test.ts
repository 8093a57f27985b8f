import { describe, expect, it } from "vitest";
import { placeLines, recordOf, type TrialDetail } from "./trialDetail";

const detail: TrialDetail = {
  trial_id: "digits-3",
  trial_number: 3,
  status: "completed",
  started_at: "2026-11-23T10:00:00Z",
  completed_at: "2026-11-23T10:01:00Z",
  duration_seconds: 60,
  hyperparameters: {},
  architecture: null,
  performance: null,
  cause: "all_epochs",
  reason: "trained all epochs",
  objective: null,
  values: {},
  best_epoch: null,
  epochs_trained: 3,
  place: "local",
  error: null,
  devices: {
    node: "box",
    gpus: 0,
    names: [],
    threads: 2,
    replicas: 1,
    batch_size: 32,
    learning_rate: 0.01,
    precision: "float32",
    xla: false,
    steps_per_execution: 1,
    why: [],
    retried: false,
  },
  resources: { samples: 5, cpu_percent: { mean: 95.2, peak: 180 }, memory_bytes: { mean: 5e8, peak: 6.2e8 } },
  curves: [],
  visualization: null,
} as unknown as TrialDetail;

type Job = Pick<TrialDetail["jobs"][number], "gpu" | "billed_s" | "estimated" | "cost_usd">;

function texts(changed: Partial<TrialDetail>, ...jobs: Job[]): string[] {
  const whole = { ...detail, ...changed, jobs: jobs as TrialDetail["jobs"] };
  return placeLines(recordOf(whole), whole).map(({ label, text }) => `${label}: ${text}`);
}

describe("where a trial ran and what it used", () => {
  it("names machine, devices and use", () => {
    expect(texts({})).toEqual([
      "Place: This cluster",
      "Machine: box",
      "Devices: CPU, 2 threads",
      "Precision: float32",
      "CPU: 95\u00a0% on average, 180\u00a0% at most",
      "Memory: 500 MB on average, 620 MB at most",
    ]);
  });

  it("says its cost on RunPod, or that the price is not known", () => {
    const job = { gpu: "A100", billed_s: 34.5, estimated: false, cost_usd: 0.0123 };
    const found = texts({ place: "runpod", devices: null, resources: null }, job, { ...job, cost_usd: 0.01 });
    expect(found).toEqual(["Place: RunPod", "Cost: $0.0223", "Billed: 1 min 9 s", "GPU on RunPod: A100"]);
    expect(texts({ resources: null }, { ...job, cost_usd: null })).toContain("Cost: price not known");
  });

  it("says nothing of a trial that no worker started", () => {
    expect(texts({ place: null, devices: null, resources: null })).toEqual([]);
  });
});
