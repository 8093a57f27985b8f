import { expect, test } from "vitest";
import { type Estimate, figures, forecastSentence, parametersShort, roughly } from "./specForecast";

const estimate: Estimate = {
  networks: 20,
  largest_parameters: 1_234_567,
  smallest_parameters: 8_100,
  workers: 2,
  seconds_per_trial: 12,
  total_seconds: 125,
};
const devices = { nodes: [{ cpus: 8, memory_bytes: 16e9, gpus: 1, gpu_names: ["RTX 4090"] }], cpus: 8, gpus: 1 };

test("the figures name networks, sizes, machines and time", () => {
  expect(figures(estimate, devices).map(({ value, note }) => `${value} | ${note}`)).toEqual([
    "20 | 2 at a time",
    "1.2 million | parameters; the smallest has 8,100",
    "1 | 8 CPUs, 1 GPU (RTX 4090), 16.0 GB",
    "About 2 min | 12 s per network, roughly",
  ]);
});

test("what is not known is N/A, never empty or NaN", () => {
  expect(figures(undefined, undefined).map(({ value }) => value)).toEqual(["N/A", "N/A", "N/A", "N/A"]);
  const unknown = { ...estimate, largest_parameters: null, seconds_per_trial: null, total_seconds: null };
  expect(figures(unknown, devices)[3]).toMatchObject({ value: "N/A", note: "not known before the data are read" });
});

test("the sentence fits one network, one worker and many", () => {
  expect(forecastSentence(estimate, "digits")).toBe("Trains 20 networks on digits, 2 at a time, in about 2 min.");
  const one = { ...estimate, networks: 1, total_seconds: null };
  expect(forecastSentence(one, "digits")).toBe("Trains 1 network on digits.");
  expect(forecastSentence({ ...estimate, workers: 1 }, "mnist")).toContain("one after the other");
  expect(forecastSentence({ ...estimate, workers: null }, "mnist")).toBe(
    "Trains 20 networks on mnist, in about 2 min.",
  );
});

test("with a time limit that ends the search, the sentence and the figure say how many fit", () => {
  const limited = { ...estimate, networks: 1000, seconds_per_trial: 300, total_seconds: 925 };
  expect(forecastSentence(limited, "imdb", 900)).toBe(
    "Trains as many networks on imdb as fit in 15 min, about 6 (at most 1,000).",
  );
  expect(figures(limited, devices, 900)[0]).toEqual({
    label: "Networks",
    value: "About 6",
    note: "2 at a time; at most 1,000",
  });
  const unknown = { ...limited, seconds_per_trial: null };
  expect(forecastSentence(unknown, "imdb", 900)).toBe(
    "Trains as many networks on imdb as fit in 15 min (at most 1,000).",
  );
  expect(forecastSentence({ ...estimate, total_seconds: 125 }, "digits", 9_000)).toBe(
    "Trains 20 networks on digits, 2 at a time, in about 2 min.",
  );
});

test("sizes and times are rounded to what they are worth", () => {
  expect([999_999, 1e6, 2.5e9].map(parametersShort)).toEqual(["999,999", "1 million", "2.5 billion"]);
  expect([0.2, 42, 190, 4_000].map(roughly)).toEqual(["1 s", "42 s", "3 min", "1 h 5 min"]);
});
