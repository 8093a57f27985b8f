import { expect, test } from "vitest";
import { calibrated, coverageText, secondsPerEpoch } from "./whatIfMeasured";

const own = { parameters: 94_634, memory_bytes: 57e6, seconds_per_epoch: 7.6, flops: 1 };
const larger = { ...own, seconds_per_epoch: 15.2 };
const curves = [5.2, 3.6, 3.7, 3.8].map((duration_s) => ({ duration_s }));
const trial = { curves, resources: { memory_bytes: { peak: 924e6 } } };
const unmeasured = { curves: curves.slice(0, 1), resources: null };

test("the trial's own network takes the seconds that the trial measured, another one in proportion", () => {
  expect(secondsPerEpoch(trial)).toBe(3.7);
  expect(calibrated(own, own, trial).seconds_per_epoch).toBeCloseTo(3.7);
  expect(calibrated(larger, own, trial).seconds_per_epoch).toBeCloseTo(7.4);
});

test("a trial without a second epoch corrects nothing", () => {
  expect(secondsPerEpoch(unmeasured)).toBeNull();
  expect(calibrated(own, own, unmeasured)).toBe(own);
  expect(calibrated(own, null, trial)).toBe(own);
});

test("the page says what the memory covers and where the seconds are from", () => {
  expect(coverageText(own, trial)).toBe(
    "Nothing is trained here. The memory is that of weights and activations of one batch; the process that trains " +
      "needs about 867 MB more. Seconds are estimated from this trial, which took 3.7 s per epoch.",
  );
  expect(coverageText(own, unmeasured)).toBe(
    "Nothing is trained here. The memory is that of weights and activations of one batch. Seconds are calculated " +
      "from the number of operations: they may be wrong by a factor of 3.",
  );
  const onGpu = { curves, resources: { memory_bytes: { peak: 2e9 }, gpu_memory_bytes: { peak: 4e9 } } };
  expect(coverageText(own, onGpu)).not.toContain("process");
});
