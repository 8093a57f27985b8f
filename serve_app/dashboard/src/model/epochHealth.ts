/**
 * The health of each layer after each epoch of a trial, as the server calculates it for the last one: live share times
 * (1 - vanishing) times (1 - exploding). Formulas and bounds are those of `tuner.health` (`metrics.layer_health`,
 * `gradients`); `epochHealth.cases.json` holds answers of the server, which tests on both sides compare with.
 */
import { wholePercent } from "./format";
import { plural } from "./sentence";

/** What was measured of one layer after an epoch: shares of its units in [0, 1]; a gradient of null is not finite. */
export interface MeasuredLayer {
  layer_id: string;
  dead?: number | null;
  saturated?: number | null;
  gradient?: number | null;
  update?: number | null;
}

export interface MeasuredEpoch {
  epoch: number;
  val_accuracy?: number | null;
  layers?: readonly MeasuredLayer[] | null;
}

export interface HealthFrame {
  epoch: number;
  /** Health in [0, 1], by the names of the layers that were measured. */
  health: Readonly<Record<string, number>>;
  /** Of validation, in [0, 1]; null: not known. */
  accuracy: number | null;
}

const GRADIENT = { healthy: 1e-3, lost: 1e-6 };
const UPDATE = { healthy: 3e-2, destructive: 1 };

/** 0 at `good` or better, 1 at `bad` or worse, logarithmic in between. */
function severity(value: number, good: number, bad: number): number {
  if (value <= 0) return bad < good ? 1 : 0;
  return Math.min(1, Math.max(0, Math.log(value / good) / Math.log(bad / good)));
}

/** The health of each layer, in [0, 1], in the order of the layers. */
export function layerHealth(layers: readonly MeasuredLayer[]): number[] {
  const strongest = Math.max(0, ...layers.map(({ gradient }) => gradient ?? 0));
  return layers.map(({ dead, saturated, gradient, update }) => {
    const live = Math.max(0, 1 - (dead ?? 0) - (saturated ?? 0));
    const vanished = gradient ? severity(gradient / strongest, GRADIENT.healthy, GRADIENT.lost) : 1;
    const exploded = update == null ? 1 : severity(update, UPDATE.healthy, UPDATE.destructive);
    return live * (1 - vanished) * (1 - exploded);
  });
}

/** The epochs whose layers were measured, in their order. */
export function healthFrames(epochs: readonly MeasuredEpoch[]): HealthFrame[] {
  return epochs.flatMap(({ epoch, layers, val_accuracy }) => {
    if (!layers || layers.length === 0) return [];
    const values = layerHealth(layers);
    const health = Object.fromEntries(layers.map(({ layer_id }, place) => [layer_id, values[place] ?? 0]));
    return { epoch, health, accuracy: val_accuracy ?? null };
  });
}

/** The frame of this epoch, or the last one before it; the first one where there is none before. */
export function frameAt(frames: readonly HealthFrame[], epoch: number): HealthFrame | null {
  const until = frames.filter((frame) => frame.epoch <= epoch);
  return until[until.length - 1] ?? frames[0] ?? null;
}

/** The layers with the health of an epoch instead of that of the end. */
export function withHealth<L extends { layer_id?: string; health?: number | null }>(
  layers: readonly L[],
  frame: HealthFrame,
): L[] {
  return layers.map((layer) => ({ ...layer, health: frame.health[layer.layer_id ?? ""] ?? null }));
}

const WELL = 0.8;

/** "After epoch 4 of 12: 3 of 4 layers have a health of 80 % or more; block2_conv has the lowest, 31 %." */
export function frameSentence(frames: readonly HealthFrame[], frame: HealthFrame): string {
  const start = `After epoch ${frame.epoch} of ${frames[frames.length - 1]?.epoch ?? frame.epoch}`;
  const known = Object.entries(frame.health);
  const [worst, lowest] = known.reduce((least, one) => (one[1] < least[1] ? one : least), known[0] ?? ["", 1]);
  const well = known.filter(([, health]) => health >= WELL).length;
  const accuracy = frame.accuracy === null ? "" : ` Validation accuracy was ${wholePercent(frame.accuracy)}.`;
  const verb = known.length === 1 ? "has" : "have";
  const all = `${well} of ${plural(known.length, "measured layer")} ${verb} a health of 80\u00a0% or more`;
  return `${start}: ${all}; ${worst} has the lowest, ${wholePercent(lowest)}.${accuracy}`;
}
