import { describe, expect, it } from "vitest";
import {
  askedValues,
  type Control,
  lastPosition,
  positionOf,
  readChanges,
  type SpaceParameter,
  valueAt,
  whatIfControls,
  withChange,
  withFreeEpochs,
  writeChanges,
} from "./whatIf";
import { answeredChanges, limitRows, type NetworkEstimate, tooLarge, whatIfSentence } from "./whatIfWords";

const parameter = (name: string, more: Partial<SpaceParameter>): SpaceParameter => ({
  key: name,
  name,
  meaning: "",
  kind: "int",
  low: null,
  high: null,
  log: false,
  choices: null,
  when: {},
  ...more,
});
const SPACE = [
  parameter("conv_layers", { low: 1, high: 4 }),
  parameter("filters_1", { low: 16, high: 256, log: true }),
  parameter("filters_2", { low: 16, high: 256, log: true, when: { conv_layers: [2, 3, 4] } }),
  parameter("kernel_size", { kind: "choice", choices: [3, 5] }),
  parameter("optimizer", { kind: "choice", choices: ["adam", "sgd"] }),
  parameter("learning_rate", { kind: "float", low: 1e-4, high: 1e-2, log: true, when: { optimizer: ["adam"] } }),
  parameter("learning_rate", {
    key: "sgd",
    kind: "float",
    low: 1e-3,
    high: 0.3,
    log: true,
    when: { optimizer: ["sgd"] },
  }),
  parameter("batch_normalization", { kind: "bool", choices: [true, false] }),
  parameter("epochs", { low: 10, high: 10 }),
];
const OWN = {
  conv_layers: 1,
  filters_1: 32,
  kernel_size: 3,
  optimizer: "sgd",
  learning_rate: 0.1,
  epochs: 10,
  extra: 1,
};
const named = (controls: readonly Control[], name: string): Control => {
  const found = controls.find((control) => control.name === name);
  if (!found) throw new Error(`no control ${name}`);
  return found;
};

describe("the controls of what-if", () => {
  const controls = whatIfControls(SPACE, { ...OWN, batch_normalization: true }, { batch_normalization: true });

  it("are those that exist and can change, of the network first", () => {
    expect(controls.map(({ name }) => name)).toEqual([
      "conv_layers",
      "filters_1",
      "kernel_size",
      "batch_normalization",
      "optimizer",
      "learning_rate",
    ]);
    expect(named(controls, "learning_rate")).toMatchObject({ low: 1e-3, high: 0.3 });
    expect(named(controls, "batch_normalization").changed).toBe(true);
    expect(named(controls, "filters_1").changed).toBe(false);
    expect(whatIfControls(SPACE, { ...OWN, conv_layers: 2, filters_2: 64 }, {}).map(({ name }) => name)).toContain(
      "filters_2",
    );
  });

  it("free the epochs, which the search fixes", () => {
    const epochs = { ...OWN, epochs: 4 };
    expect(named(whatIfControls(withFreeEpochs(SPACE, 2), epochs, {}), "epochs")).toMatchObject({ low: 2, high: 10 });
    expect(withFreeEpochs(SPACE, 2)[0]).toBe(SPACE[0]);
  });

  it("map values to positions and back, on logarithmic axes too", () => {
    const [layers, filters, kernel] = ["conv_layers", "filters_1", "kernel_size"].map((name) => named(controls, name));
    if (!layers || !filters || !kernel) throw new Error("missing");
    expect(lastPosition(layers)).toBe(3);
    expect(valueAt(layers, 2)).toBe(3);
    expect(valueAt(kernel, 1)).toBe(5);
    expect(positionOf({ ...kernel, value: 5 } as Control)).toBe(1);
    expect(positionOf({ ...filters, value: 64 } as Control)).toBe(100);
    for (const value of [16, 32, 100, 256]) {
      const position = positionOf({ ...filters, value } as Control);
      expect(Math.abs(valueAt(filters, position) - value)).toBeLessThanOrEqual(2);
    }
    expect(positionOf({ ...filters, value: 5000 } as Control)).toBe(200);
    expect(positionOf({ ...filters, value: 1 } as Control)).toBe(0);
    expect(String(valueAt(named(controls, "learning_rate"), 77))).toMatch(/^0\.0\d+$/);
  });

  it("ask only for what the space knows", () => {
    expect(askedValues(SPACE, OWN, { filters_1: 64 })).toEqual({
      conv_layers: 1,
      filters_1: 64,
      kernel_size: 3,
      optimizer: "sgd",
      learning_rate: 0.1,
      epochs: 10,
    });
    expect(askedValues(SPACE, OWN, { optimizer: "adam" })).not.toHaveProperty("learning_rate");
    expect(askedValues(SPACE, OWN, { optimizer: "adam", learning_rate: 0.01 })).toHaveProperty("learning_rate", 0.01);
  });

  it("are kept in the address", () => {
    const changes = withChange(withChange({}, OWN, "filters_1", 64), OWN, "optimizer", "adam");
    expect(writeChanges(changes)).toEqual(["filters_1=64", 'optimizer="adam"']);
    expect(readChanges(writeChanges(changes))).toEqual(changes);
    expect(withChange(changes, OWN, "filters_1", 32)).toEqual({ optimizer: "adam" });
    expect(readChanges(["filters_1", "=3", "a=[1]", "b=nonsense", "c=null", "d=true"])).toEqual({ d: true });
  });
});

describe("the words of what-if", () => {
  const before: NetworkEstimate = {
    parameters: 421_642,
    memory_bytes: 9e6,
    seconds_per_epoch: 4,
    flops: 2_000_000,
    hyperparameters: { epochs: 10 },
  };
  const after: NetworkEstimate = {
    parameters: 1_203_000,
    memory_bytes: 8e9,
    seconds_per_epoch: 12,
    flops: 9_000_000,
    hyperparameters: { epochs: 20 },
  };

  it("say what changes in one sentence", () => {
    expect(whatIfSentence({ filters_1: 64 }, OWN, after, before)).toBe(
      "With filters 1 = 64 instead of 32, the network has 1,203,000 parameters instead of 421,642 and an epoch takes " +
        "about 3.0 times as long.",
    );
    expect(whatIfSentence({}, OWN, before, before)).toContain("As it is, the network has 421,642 parameters.");
    expect(whatIfSentence({ dropout: 0.3 }, OWN, before, before)).toBe(
      "With dropout = 0.3, the network has 421,642 parameters as before and an epoch takes about as long.",
    );
    expect(whatIfSentence({ filters_1: 8 }, OWN, before, null)).not.toMatch(/NaN|null|undefined/);
  });

  it("are those of the answer, not of a value that moves on", () => {
    const changes = { filters_1: 64, dropout: 0.2 };
    expect(answeredChanges(changes, OWN, { filters_1: 48, dropout: 0.2 })).toEqual({ filters_1: 48, dropout: 0.2 });
    expect(answeredChanges(changes, OWN, { filters_1: 32 })).toEqual({ dropout: 0.2 });
    expect(answeredChanges(changes, OWN, null)).toEqual(changes);
  });

  it("compare with the limits of the study", () => {
    const rows = limitRows(after, before, { max_parameters: 1_000_000, max_memory_mb: 4096 });
    expect(rows.map(({ label, text, before: old }) => [label, text, old])).toEqual([
      ["Parameters", "1,203,000", "421,642"],
      ["Memory of weights and one batch", "8.0 GB", "9.0 MB"],
      ["Operations per sample", "9.0 million", "2.0 million"],
      ["Time per epoch", "about 12 s", "about 4.0 s"],
      ["Time of training", "about 4 min for 20 epochs", "about 40 s for 10 epochs"],
    ]);
    expect(rows[0]).toMatchObject({ limit: "at most 1,000,000" });
    expect(rows[0]?.share).toBeCloseTo(1.203);
    expect(tooLarge(rows)).toBe(
      "The study would reject it before training: parameters and memory of weights and one batch are above the limit.",
    );
    expect(tooLarge(limitRows(before, null, {}))).toBeNull();
  });

  it("have N/A for what is not known", () => {
    const unknown = { parameters: null, memory_bytes: null, seconds_per_epoch: null, flops: null };
    expect(JSON.stringify(limitRows(unknown, null, { max_parameters: 5 }).map(({ text }) => text))).not.toMatch(
      /null|NaN/,
    );
  });
});
