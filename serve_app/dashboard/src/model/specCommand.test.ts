import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { assignments, commandOf, shellQuoted } from "./specCommand";
import type { SpecBody } from "./specDraft";
import { OPTIONS } from "./specSample";

const command = (spec: SpecBody) => commandOf(spec, OPTIONS);

test("the smallest study names its data set", () => {
  expect(command({})).toBe("tuner run dataset=digits");
  expect(command({ trials: 8, dataset: "mnist" })).toBe("tuner run dataset=mnist trials=8");
});

test("values are written as the command line reads them", () => {
  expect(command({ early_stopping_patience: null, deterministic: true, validation_split: 1e-7 })).toBe(
    "tuner run dataset=digits early_stopping_patience=none deterministic=true validation_split=1e-7",
  );
  expect(command({ objective: ["val_accuracy", "parameter_count"] })).toContain(
    "objective=val_accuracy,parameter_count",
  );
  expect(command({ constraints: ["parameter_count<=200000"] })).toContain("'constraints=parameter_count<=200000'");
  expect(assignments({ run_name: "none" }, OPTIONS)).toContain('run_name="none"');
  expect(assignments({ scheduler: "none" }, OPTIONS)).toContain("scheduler=none");
});

test("the space and the weights have keys of their own", () => {
  const space = {
    activation: "relu",
    batch_size: [32, 64],
    learning_rate: "1e-4..1e-2",
    dropout: { low: 0, high: 0.3, log: false, prior: 0.1 },
    filters_1: { low: 16 },
    own: ["none", "8", "a, b", true],
    kind: { choices: ["x", "y"], prior: "x" },
  };
  expect(assignments({ space, health_weights: { gradient_health: 0.5 } }, OPTIONS)).toEqual([
    "dataset=digits",
    "health_weights.gradient_health=0.5",
    "space.activation=relu",
    "space.batch_size=[32,64]",
    "space.learning_rate=1e-4..1e-2",
    "space.dropout=0..0.3",
    "space.dropout.log=false",
    "space.dropout.prior=0.1",
    "space.filters_1.low=16",
    'space.own=[none,"8","a, b",true]',
    "space.kind=[x,y]",
    "space.kind.prior=x",
  ]);
});

test("a shell reads every word back unchanged", () => {
  const words = ["a b", "it's", "$HOME", "`id`", 'say "hi"', "a\\b", "new\nline", "x;y&z|w", "*?[a]", "größe", "", "#"];
  const line = words.map(shellQuoted).join(" ");
  const read = execFileSync("/bin/sh", ["-c", `printf '%s\\0' ${line}`], { encoding: "utf8" });
  expect(read.split("\0").slice(0, -1)).toEqual(words);
  expect(shellQuoted("dataset=mnist")).toBe("dataset=mnist");
});
