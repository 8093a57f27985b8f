/** What the panel of a trial says of the answer of `GET /jobs/{id}/trials/{n}`: where it ran, on what, at what cost. */
import type { components } from "../api/generated/openapi";
import { bytes, count, duration } from "./format";
import type { Line } from "./trialCard";
import type { TrialRecord } from "./trialRecord";

export type TrialDetail = components["schemas"]["TrialDetail"];
type Devices = NonNullable<TrialDetail["devices"]>;
type ResourceUse = NonNullable<TrialDetail["resources"]>;

/** The answer as a record, for a trial that the live store does not hold yet. */
export function recordOf(detail: TrialDetail): TrialRecord {
  return {
    ...detail,
    number: detail.trial_number,
    id: detail.trial_id,
    health_metrics: detail.health_metrics ?? null,
    suggested_by: detail.suggested_by ?? null,
    place: detail.place ?? null,
    node: detail.devices?.node ?? null,
    queued_s: detail.queued_s ?? null,
    epochs: null,
    findings: detail.findings ?? [],
  };
}

/** Where it ran, what it used and what it cost; only what is known. */
export function placeLines(trial: TrialRecord, detail: TrialDetail): Line[] {
  const lines: Line[] = [];
  if (trial.place !== null) lines.push({ label: "Place", text: placeText(trial.place, detail.why_local ?? null) });
  const node = detail.devices?.node ?? trial.node;
  if (node !== null) lines.push({ label: "Machine", text: node });
  if (detail.devices) lines.push(...deviceLines(detail.devices));
  if (trial.queued_s !== null) lines.push({ label: "Waited for a worker", text: duration(trial.queued_s) });
  if (detail.resources) lines.push(...resourceLines(detail.resources));
  lines.push(...costLines(detail.jobs));
  return lines;
}

function placeText(place: string, whyLocal: string | null): string {
  if (place === "runpod") return "RunPod";
  return whyLocal === null ? "This cluster" : `This cluster: ${whyLocal}`;
}

function deviceLines(devices: Devices): Line[] {
  const names = [...new Set(devices.names ?? [])].join(", ");
  const gpus = devices.gpus === 1 ? "1 GPU" : devices.gpus < 1 ? `${devices.gpus} of a GPU` : `${devices.gpus} GPUs`;
  const cpus = `CPU, ${count(devices.threads)} ${devices.threads === 1 ? "thread" : "threads"}`;
  const lines = [{ label: "Devices", text: devices.gpus === 0 ? cpus : `${gpus}${names === "" ? "" : ` (${names})`}` }];
  if (devices.replicas > 1) lines.push({ label: "Copies of the network", text: count(devices.replicas) });
  lines.push({ label: "Precision", text: devices.precision });
  return lines;
}

function resourceLines(use: ResourceUse): Line[] {
  const lines = [{ label: "CPU", text: meanAndPeak(use.cpu_percent, percentOfCores) }];
  if (use.memory_bytes) lines.push({ label: "Memory", text: meanAndPeak(use.memory_bytes, bytes) });
  if (use.gpu_percent) lines.push({ label: "GPU", text: meanAndPeak(use.gpu_percent, percentOfCores) });
  if (use.gpu_memory_bytes) lines.push({ label: "GPU memory", text: meanAndPeak(use.gpu_memory_bytes, bytes) });
  return lines;
}

function meanAndPeak(use: { mean: number; peak: number }, write: (value: number) => string): string {
  return `${write(use.mean)} on average, ${write(use.peak)} at most`;
}

function percentOfCores(percent: number): string {
  return `${Math.round(percent)}\u00a0%`;
}

function costLines(jobs: TrialDetail["jobs"]): Line[] {
  if (jobs.length === 0) return [];
  const seconds = jobs.reduce((sum, job) => sum + job.billed_s, 0);
  const known = jobs.every((job) => job.cost_usd !== null);
  const dollars = jobs.reduce((sum, job) => sum + (job.cost_usd ?? 0), 0);
  const gpu = jobs.find((job) => job.gpu !== null)?.gpu;
  const lines = [
    { label: "Cost", text: known ? `$${dollars.toFixed(4)}` : "price not known" },
    { label: "Billed", text: `${duration(seconds)}${jobs.some((job) => job.estimated) ? ", estimated" : ""}` },
  ];
  return gpu ? [...lines, { label: "GPU on RunPod", text: gpu }] : lines;
}
