/** What a study will do, in numbers and in a sentence, from `POST /estimate` and `GET /devices`. */
import { bytes, count, duration, NA } from "./format";

export interface Estimate {
  networks: number;
  largest_parameters: number | null;
  smallest_parameters: number | null;
  workers: number | null;
  seconds_per_trial: number | null;
  total_seconds: number | null;
  /** Settings that cannot work, as far as the server can tell now. */
  problems?: readonly { field: string; message: string }[];
}

export interface Devices {
  nodes: readonly { cpus: number; memory_bytes: number | null; gpus: number; gpu_names: readonly string[] }[];
  cpus: number;
  gpus: number;
}

export interface Figure {
  label: string;
  value: string;
  note: string;
}

/** A number with its noun: "1 network", "20 networks". */
export function counted(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** How many networks a time limit leaves, where it and not their number ends the search. Null: their number does. */
function fitting(estimate: Estimate, budgetS: number | null): number | null {
  const { networks, workers, seconds_per_trial: each } = estimate;
  if (budgetS === null || workers === null || each === null || each <= 0) return null;
  const found = Math.max(1, Math.floor((budgetS * workers) / each));
  return found < networks ? found : null;
}

/** The four figures of "What will happen". A figure that is not known yet is N/A, with the reason as its note. */
export function figures(
  estimate: Estimate | undefined,
  devices: Devices | undefined,
  budgetS: number | null = null,
): Figure[] {
  return [
    networksFigure(estimate, budgetS),
    { label: "Largest network", value: parametersShort(estimate?.largest_parameters), note: sizes(estimate) },
    { label: "Machines", value: count(devices?.nodes.length), note: devices ? machineWords(devices) : "not known now" },
    { label: "Expected time", value: timeWords(estimate), note: timeNote(estimate) },
  ];
}

function networksFigure(estimate: Estimate | undefined, budgetS: number | null): Figure {
  const label = "Networks";
  if (!estimate) return { label, value: NA, note: "" };
  const fits = fitting(estimate, budgetS);
  const most = fits === null ? "" : `at most ${count(estimate.networks)}`;
  const value = fits === null ? count(estimate.networks) : `About ${count(fits)}`;
  return { label, value, note: [paceNote(estimate), most].filter(Boolean).join("; ") };
}

function paceNote(estimate: Estimate): string {
  return estimate.workers === null ? "" : `${count(Math.min(estimate.workers, estimate.networks))} at a time`;
}

/** The size in words that fit a tile: 1234567 is "1.2 million". */
export function parametersShort(parameters: number | null | undefined): string {
  if (parameters === null || parameters === undefined || !Number.isFinite(parameters)) return NA;
  if (parameters < 1e6) return count(parameters);
  const [size, word] = parameters < 1e9 ? [1e6, "million"] : [1e9, "billion"];
  const written = (parameters / size).toFixed(parameters / size < 100 ? 1 : 0).replace(/\.0$/, "");
  return `${written} ${word}`;
}

function sizes(estimate: Estimate | undefined): string {
  if (estimate?.smallest_parameters == null || estimate.largest_parameters == null) return "parameters";
  return `parameters; the smallest has ${parametersShort(estimate.smallest_parameters)}`;
}

function machineWords({ nodes, cpus, gpus }: Devices): string {
  const names = [...new Set(nodes.flatMap((node) => node.gpu_names))];
  const memory = nodes.reduce((sum, node) => sum + (node.memory_bytes ?? 0), 0);
  const parts = [counted(cpus, "CPU"), gpus > 0 ? counted(gpus, "GPU") : "no GPU"];
  if (gpus > 0 && names.length > 0) parts[1] += ` (${names.join(", ")})`;
  if (memory > 0) parts.push(bytes(memory));
  return parts.join(", ");
}

function timeWords(estimate: Estimate | undefined): string {
  return estimate?.total_seconds == null ? NA : `About ${roughly(estimate.total_seconds)}`;
}

function timeNote(estimate: Estimate | undefined): string {
  if (!estimate) return "";
  if (estimate.seconds_per_trial == null) return "not known before the data are read";
  return `${roughly(estimate.seconds_per_trial)} per network, roughly`;
}

/** An estimate pretends no precision: minutes without seconds, hours with minutes in steps of five. */
export function roughly(seconds: number): string {
  if (seconds < 60) return duration(Math.max(1, Math.round(seconds))).replace(".0 s", " s");
  if (seconds < 3_600) return duration(Math.round(seconds / 60) * 60);
  if (seconds < 86_400) return duration(Math.round(seconds / 300) * 300);
  return duration(seconds);
}

/** The forecast as one sentence, for readers of the screen and for whoever reads no figures. */
export function forecastSentence(estimate: Estimate, dataset: string, budgetS: number | null = null): string {
  const { networks, workers, total_seconds: total } = estimate;
  const fits = fitting(estimate, budgetS);
  const unknown = budgetS !== null && estimate.seconds_per_trial === null;
  if (budgetS !== null && (fits !== null || unknown)) {
    const about = fits === null ? "" : `, about ${count(fits)}`;
    return `Trains as many networks on ${dataset} as fit in ${duration(budgetS)}${about} (at most ${count(networks)}).`;
  }
  const atOnce = workers === null ? null : Math.min(networks, workers);
  const together = atOnce !== null && atOnce > 1 ? `, ${count(atOnce)} at a time` : ", one after the other";
  const pace = networks === 1 || atOnce === null ? "" : together;
  const time = total === null ? "" : `, in about ${roughly(total)}`;
  return `Trains ${counted(networks, "network")} on ${dataset}${pace}${time}.`;
}
