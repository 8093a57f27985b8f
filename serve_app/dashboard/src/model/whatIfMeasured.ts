/** What a trial measured of itself, which makes the estimates of other networks comparable with it. Pure. */
import { bytes, duration } from "./format";
import type { NetworkEstimate } from "./whatIfWords";

/** The part of the answer of `GET /jobs/{id}/trials/{n}` that is needed here. */
export interface MeasuredTrial {
  curves: readonly { duration_s: number }[];
  resources: { memory_bytes?: { peak: number } | null; gpu_memory_bytes?: { peak: number } | null } | null;
}

/** Seconds of a usual epoch: the median without the first one, in which TensorFlow also compiles. Null: not measured. */
export function secondsPerEpoch({ curves }: MeasuredTrial): number | null {
  const seconds = curves.slice(1).map(({ duration_s }) => duration_s);
  return seconds.sort((one, other) => one - other)[Math.floor(seconds.length / 2)] ?? null;
}

/** An estimate whose seconds are corrected as those of the trial's `own` must be to give what the trial measured. */
export function calibrated(estimate: NetworkEstimate, own: NetworkEstimate | null, trial: MeasuredTrial) {
  const [measured, calculated, seconds] = [
    secondsPerEpoch(trial),
    own?.seconds_per_epoch ?? null,
    estimate.seconds_per_epoch,
  ];
  if (measured === null || calculated === null || calculated <= 0 || seconds === null) return estimate;
  return { ...estimate, seconds_per_epoch: (seconds * measured) / calculated };
}

/** What the numbers cover, and how sure they are. */
export function coverageText(own: NetworkEstimate | null, trial: MeasuredTrial): string {
  const seconds = secondsPerEpoch(trial);
  const time =
    seconds === null || own?.seconds_per_epoch == null
      ? "Seconds are calculated from the number of operations: they may be wrong by a factor of 3."
      : `Seconds are estimated from this trial, which took ${duration(seconds)} per epoch.`;
  return `Nothing is trained here. The memory is that of weights and activations of one batch${restText(own, trial)}. ${time}`;
}

/** On a GPU, weights and activations are not in the memory of the process: there it tells nothing. */
function restText(own: NetworkEstimate | null, { resources }: MeasuredTrial): string {
  const peak = resources?.gpu_memory_bytes ? null : (resources?.memory_bytes?.peak ?? null);
  const rest = peak === null || own?.memory_bytes == null ? 0 : peak - own.memory_bytes;
  return rest <= 0 ? "" : `; the process that trains needs about ${bytes(rest)} more`;
}
