import { describe, expect, it } from "vitest";
import { type EpochValues, mergedEpochs, trialCharts } from "./trialCurves";

const epoch = (number: number, accuracy: number, changes: Partial<EpochValues> = {}): EpochValues => ({
  epoch: number,
  train_loss: 1 - accuracy,
  train_accuracy: accuracy + 0.05,
  val_loss: 1.1 - accuracy,
  val_accuracy: accuracy,
  objective: accuracy,
  ...changes,
});
const epochs = [epoch(1, 0.5), epoch(2, 0.9), epoch(3, 0.8)];
const stop = { scheduler: "asha", rung: 2, value: 0.8, cutoff: 0.864, rank: 7, of: 9 };

describe("the curves of a trial", () => {
  it("are loss, accuracy and the learning gap in percentage points", () => {
    const charts = trialCharts(epochs, "val_accuracy", null);
    expect(charts.map(({ title }) => title)).toEqual(["Loss", "Accuracy", "Learning gap"]);
    expect(charts[1]?.curves[0]?.points).toEqual([
      [1, 0.5],
      [2, 0.9],
      [3, 0.8],
    ]);
    expect(charts[2]?.curves[0]?.points.map(([, gap]) => gap.toFixed(1))).toEqual(["5.0", "5.0", "5.0"]);
    expect(charts.every(({ threshold }) => threshold === null)).toBe(true);
  });

  it("say in words what they show", () => {
    const [losses, shares, gap] = trialCharts(epochs, "val_accuracy", null);
    expect(losses?.sentence).toBe("Validation loss went from 0.600 to 0.200, its lowest value, at epoch 2.");
    expect(shares?.sentence).toBe(
      "Validation accuracy went from 50.0\u00a0% to 90.0\u00a0%, its highest value, at epoch 2.",
    );
    expect(gap?.sentence).toBe("At the end, training accuracy was 5.0 percentage points above validation accuracy.");
    expect(trialCharts([epoch(1, 0.5)], "val_accuracy", null)[1]?.sentence).toBe(
      "Validation accuracy after epoch 1: 50.0\u00a0%.",
    );
    expect(trialCharts([], "val_accuracy", null)[0]?.sentence).toBe("No value was measured.");
  });

  it("name the best epoch of equal ones", () => {
    const equal = [epoch(1, 0.5), epoch(2, 0.9), epoch(3, 0.9), epoch(4, 0.8)];
    const said = (best: number | null) => trialCharts(equal, "val_accuracy", null, best)[1]?.sentence;
    expect([said(null), said(3), said(1)].map((text) => text?.replace(/.*at epoch /, ""))).toEqual(["2.", "3.", "2."]);
  });

  it("have the threshold on the curve of the objective", () => {
    const onAccuracy = trialCharts(epochs, "val_accuracy", stop);
    expect(onAccuracy[1]?.threshold).toEqual({ value: 0.864, epoch: 3, text: "threshold 86.4\u00a0%" });
    expect(onAccuracy[0]?.threshold).toBeNull();
    const own = trialCharts(epochs, "total_score", stop);
    expect(own.map(({ title }) => title)).toEqual(["Loss", "Accuracy", "Learning gap", "Objective"]);
    expect(own[3]?.threshold?.value).toBe(0.864);
  });

  it("have the health of a study that measures it", () => {
    const healthy = epochs.map((one) => ({ ...one, overall_health: 0.7 }));
    const charts = trialCharts(healthy, "overall_health", stop);
    expect(charts.map(({ title }) => title)).toEqual(["Loss", "Accuracy", "Learning gap", "Overall health"]);
    expect(charts[3]?.threshold?.value).toBe(0.864);
  });

  it("leave out values that are not finite", () => {
    const diverged = [epoch(1, 0.5, { val_loss: Number.NaN }), epoch(2, 0.4, { val_loss: null })];
    expect(trialCharts(diverged, "val_accuracy", null)[0]?.curves[0]?.points).toEqual([]);
  });

  it("take the epochs that were told since, in order", () => {
    const merged = mergedEpochs([epoch(1, 0.5), epoch(2, 0.1)], [epoch(2, 0.6), epoch(3, 0.7)]);
    expect(merged.map((one) => [one.epoch, one.val_accuracy])).toEqual([
      [1, 0.5],
      [2, 0.6],
      [3, 0.7],
    ]);
  });
});
