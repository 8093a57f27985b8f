/** The rungs of the scheduler: at each one trials are compared, and the worse ones are stopped early. */
import type { Point } from "../curves";
import type { StoppedBy } from "../trialRecord";

export interface RungTrial {
  number: number;
  status: string;
  epochs_trained: number;
  stopped_by: StoppedBy | null;
}

export interface RungEntry {
  number: number;
  value: number;
  /** Whether `value` was measured there; otherwise it is that of the last epoch of a trial that trained on. */
  known: boolean;
  stopped: boolean;
}

export interface RungSummary {
  /** From 1. */
  rung: number;
  /** Epochs of training, or seconds with `unit`. */
  at: number | null;
  unit: "epoch" | "second";
  /** Trials that were compared there; null: it cannot be told from what is stored. */
  reached: number | null;
  stopped: readonly number[];
  /** Thresholds of those that were stopped: lowest and highest; null: none was. */
  cutoffs: readonly [number, number] | null;
  /** Values there, as far as they are known. */
  entries: readonly RungEntry[];
}

/**
 * @param known Where the scheduler compares trials; null: the study does not tell.
 * @param curves Values of the compared metric by trial.
 */
export function rungsOf(
  trials: readonly RungTrial[],
  known: readonly { number: number; at: number; unit: "epoch" | "second" }[] | null,
  curves: ReadonlyMap<number, { points: readonly Point[] }>,
): RungSummary[] {
  const stopped = new Map<number, RungTrial[]>();
  for (const trial of trials) {
    const rung = trial.stopped_by?.rung ?? null;
    if (rung === null) continue;
    const others = stopped.get(rung);
    if (others) others.push(trial);
    else stopped.set(rung, [trial]);
  }
  const numbers = new Set([...(known ?? []).map(({ number }) => number), ...stopped.keys()]);
  return [...numbers]
    .sort((one, other) => one - other)
    .map((rung) => {
      const place = known?.find(({ number }) => number === rung);
      const here = stopped.get(rung) ?? [];
      const cutoffs = here.flatMap(({ stopped_by }) => stopped_by?.cutoff ?? []);
      const byEpoch = place?.unit === "epoch";
      const arrived = byEpoch ? trials.filter((trial) => trial.epochs_trained >= place.at) : null;
      const entries: RungEntry[] = here.map((trial) => ({
        number: trial.number,
        value: trial.stopped_by?.value ?? Number.NaN,
        known: true,
        stopped: true,
      }));
      for (const trial of arrived ?? trials.filter((one) => passed(one, rung))) {
        if (trial.stopped_by?.rung === rung) continue;
        const points = curves.get(trial.number)?.points ?? [];
        const point = byEpoch ? points.find(([epoch]) => epoch === place.at) : points[points.length - 1];
        if (point) entries.push({ number: trial.number, value: point[1], known: byEpoch, stopped: false });
      }
      return {
        rung,
        at: place?.at ?? null,
        unit: place?.unit ?? "epoch",
        reached: arrived === null ? null : Math.max(arrived.length, here.length),
        stopped: here.map(({ number }) => number),
        cutoffs: cutoffs.length > 0 ? [lowest(cutoffs), -lowest(cutoffs.map((one) => -one))] : null,
        entries: entries.filter(({ value }) => Number.isFinite(value)),
      };
    });
}

/** Whether a trial trained beyond a rung, as far as that can be told from its end. */
function passed({ status, stopped_by }: RungTrial, rung: number): boolean {
  return stopped_by === null ? status === "completed" : (stopped_by.rung ?? 0) > rung;
}

const lowest = (numbers: readonly number[]) => numbers.reduce((found, one) => Math.min(found, one), Number.MAX_VALUE);
