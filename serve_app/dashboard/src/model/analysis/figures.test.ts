import { describe, expect, test } from "vitest";
import { plainText } from "../sentence";
import { exampleTrial } from "../trialExample";
import type { TrialRecord } from "../trialRecord";
import { type Axis, metricAxes, parameterAxes, positionOf } from "./axis";
import { areaText, contourOf } from "./contour";
import { figureCsv, trialTable } from "./figureTable";
import { importanceMap, topOf, whyText } from "./importanceMap";
import { commonOfBest, parallelPicture } from "./parallel";
import { firstPair, paretoPoints } from "./pareto";
import { lowerIsBetter, sampleOf, sampleText, scoreOf } from "./sample";
import {
  contourSentences,
  directionOf,
  importanceSentences,
  inSentence,
  parallelSentences,
  paretoSentences,
  sliceSentences,
} from "./sentences";
import { ticksOf } from "./ticks";

const SPACE = [
  { name: "learning_rate", kind: "float", low: 1e-4, high: 1e-1, log: true, choices: null, when: {} },
  { name: "optimizer", kind: "choice", low: null, high: null, log: false, choices: ["adam", "sgd"], when: {} },
  { name: "layers", kind: "int", low: 1, high: 4, log: false, choices: null, when: {} },
];

/** The higher the learning rate, the better. Every third has no dropout. */
function trialsOf(many: number): TrialRecord[] {
  return Array.from({ length: many }, (_, place) => {
    const accuracy = 0.5 + (0.4 * place) / many;
    return exampleTrial({
      number: place + 1,
      status: place % 5 === 4 ? "pruned" : "completed",
      objective: accuracy,
      performance: { accuracy, loss: 1 - accuracy, total_score: accuracy },
      duration_seconds: 60 + place,
      architecture: { type: "cnn", total_parameters: 1000 * (place + 1) },
      hyperparameters: {
        learning_rate: 1e-4 * 1000 ** (place / (many - 1)),
        optimizer: place % 2 ? "adam" : "sgd",
        layers: 1 + (place % 4),
        fixed: 7,
        ...(place % 3 ? { dropout: 0.1 * (place % 4) } : {}),
      },
    });
  });
}

const trials = trialsOf(40);
const parameters = parameterAxes(trials, SPACE, { learning_rate: 0.7, optimizer: 0.2 });
const axis = (key: string): Axis => {
  const found = [...parameters, ...metrics].find((one) => one.key === key);
  if (found === undefined) throw new Error(key);
  return found;
};
const metrics = metricAxes(trials, "val_accuracy", false);
const accuracy = axis("objective");
const score = scoreOf(accuracy, "val_accuracy");

describe("axes", () => {
  test("are those that varied, by importance, with the scale of the space", () => {
    expect(parameters.map(({ key }) => key)).toEqual(["hp.learning_rate", "hp.optimizer", "hp.layers", "hp.dropout"]);
    expect(axis("hp.learning_rate").scale).toMatchObject({ kind: "number", log: true, low: 1e-4 });
    expect(axis("hp.optimizer").scale).toEqual({ kind: "choice", values: ["adam", "sgd"] });
    expect(axis("hp.layers").scale).toEqual({ kind: "number", low: 1, high: 4, log: false, whole: true });
  });
  test("of results have a value and the objective first", () => {
    expect(metrics.map(({ key }) => key)).toEqual(["objective", "loss", "parameters", "duration_seconds"]);
    expect(metrics[0]?.label).toBe("Validation accuracy");
    expect(metricAxes([], "val_accuracy", true)).toEqual([]);
  });
  test("place values, also logarithmic ones and those beyond the space", () => {
    expect(positionOf(axis("hp.learning_rate"), 1e-3)).toBeCloseTo(1 / 3);
    expect(positionOf(axis("hp.optimizer"), "sgd")).toBe(0.75);
    expect(positionOf(axis("hp.optimizer"), "other")).toBeNull();
    expect(positionOf(axis("hp.layers"), null)).toBeNull();
    const wider = parameterAxes([...trials, exampleTrial({ hyperparameters: { layers: 9 } })], SPACE, null);
    expect(wider.find(({ key }) => key === "hp.layers")?.scale).toMatchObject({ high: 9 });
    expect(positionOf({ scale: { kind: "number", low: 2, high: 2, log: false, whole: false } }, 2)).toBe(0.5);
    expect(positionOf(axis("hp.learning_rate"), Number.NaN)).toBeNull();
  });
  test("of results end at a value that is written beside them", () => {
    for (const metric of metrics) {
      if (metric.scale.kind === "number" && metric.scale.log) continue;
      const ticks = ticksOf(metric, 6);
      expect([ticks[0]?.at, ticks[ticks.length - 1]?.at]).toEqual([0, 1]);
    }
  });
  test("have round values beside them", () => {
    expect(ticksOf(axis("hp.learning_rate"), 5).map(({ text }) => text)).toEqual(
      ["1e-4", "0.001", "0.01", "0.1"].map((x) => x.replace("1e-4", "0.0001")),
    );
    expect(ticksOf(axis("hp.layers"), 6).map(({ text }) => text)).toEqual(["1", "2", "3", "4"]);
    expect(ticksOf(axis("hp.optimizer"), 6).map(({ text }) => text)).toEqual(["adam", "sgd"]);
    for (const most of [2, 4, 8]) expect(ticksOf(axis("duration_seconds"), most).length).toBeLessThanOrEqual(most + 2);
  });
});

describe("a sample", () => {
  test("is all of few trials", () => {
    const sample = sampleOf(trials, 40, score);
    expect(sample.drawn).toBe(trials);
    expect(sampleText(sample)).toBeNull();
  });
  test("of many has the best ones and says so", () => {
    const many = trialsOf(10_001);
    const sample = sampleOf(many, 400, score);
    expect(sample.drawn.length).toBe(400);
    expect(sample.drawn.map(({ number }) => number)).toEqual(expect.arrayContaining([10_001, 10_000, 9_950]));
    expect(sampleText(sample)).toMatch(/^400 of 10,001 trials are drawn: the best 100 and an even sample/);
  });
  test("knows which results are better when they are lower", () => {
    expect(lowerIsBetter({ key: "objective" }, "val_loss")).toBe(true);
    expect(lowerIsBetter({ key: "objective" }, "val_accuracy")).toBe(false);
    expect(lowerIsBetter({ key: "parameters" }, "val_accuracy")).toBe(true);
    expect(scoreOf(axis("loss"), "val_accuracy")(exampleTrial())).toBe(-0.10349);
    expect(score(exampleTrial({ objective: null }))).toBeNull();
  });
});

describe("parallel coordinates", () => {
  const picture = parallelPicture(trials, () => true, parameters, accuracy, score);
  test("draw every trial over the axes, with a lane for absent values", () => {
    expect(picture.lines.length).toBe(40);
    expect(picture.axes.at(-1)?.key).toBe("objective");
    expect(picture.absent).toEqual([false, false, false, true, false]);
    expect(
      picture.lines
        .filter(({ best }) => best)
        .map(({ number }) => number)
        .sort(),
    ).toEqual([37, 38, 39, 40]);
  });
  test("have at most twelve axes and four hundred lines, and draw what is selected first", () => {
    const many = trialsOf(10_000);
    const wide = parallelPicture(
      many,
      ({ number }) => number <= 30,
      Array(20).fill(axis("hp.layers")),
      accuracy,
      score,
    );
    expect([wide.axes.length, wide.hidden, wide.lines.length]).toEqual([12, 9, 400]);
    expect(wide.lines.filter(({ selected }) => selected).length).toBe(30);
    expect(wide.lines.at(-1)?.best).toBe(true);
  });
  test("say what the best tenth have in common", () => {
    const common = commonOfBest(trials, parameters, score);
    expect(common[0]?.axis.key).toBe("hp.learning_rate");
    const text = plainText(parallelSentences("s", trials, common, { number: 40, text: "accuracy 90 %" }, true));
    expect(text).toMatch(
      /^Of 40 trials, trial 40 is the best with accuracy 90 %\. The best tenth have learning rate 0\.0\d+ to 0\.1/,
    );
    expect(plainText(parallelSentences("s", [], [], null, true))).toBe("No selected trial has a result.");
    expect(plainText(parallelSentences("s", trials, [], { number: 40, text: "accuracy 90 %" }, false))).toContain(
      "no narrow range of the first hyperparameters",
    );
  });
});

test("a slice says the direction, and the best one's value", () => {
  const x = axis("hp.learning_rate");
  expect(directionOf(trials, x, accuracy, false)).toEqual({ kind: "higher" });
  expect(directionOf(trials, x, axis("parameters"), true)).toEqual({ kind: "lower" });
  const text = (...parts: Parameters<typeof sliceSentences>) => plainText(sliceSentences(...parts));
  expect(text("s", x, accuracy, 40, { kind: "higher" }, { number: 40, value: "0.1" })).toBe(
    "Higher values of learning rate did better for validation accuracy. The best one, trial 40, has 0.1.",
  );
  expect(text("s", x, accuracy, 4, undefined, { number: 2, value: null })).toBe(
    "No clear direction of learning rate for validation accuracy, by 4 trials. It takes 10 trials to tell one. The best one, trial 2, has no learning rate.",
  );
});

test("a contour has means where there are trials, and nothing elsewhere", () => {
  const [x, y] = [axis("hp.learning_rate"), axis("hp.optimizer")];
  const contour = contourOf(trials, x, y, accuracy, false);
  expect([contour.columns, contour.rows]).toEqual([8, 2]);
  expect(contour.areas.reduce((sum, area) => sum + area.numbers.length, 0)).toBe(40);
  expect(Math.max(...contour.areas.map(({ share }) => share))).toBe(1);
  const one = contourOf(trials.slice(-1), x, y, accuracy, false);
  expect(plainText(contourSentences(one, x, y, accuracy))).toMatch(
    /^All trials are in one area: learning rate 0\.04\d+ to 0\.1 and optimizer adam, validation accuracy 89\.0.% by 1 trial\. 15 of 16 areas have no trial/,
  );
  expect(plainText(contourSentences(contourOf([], x, y, accuracy, false), x, y, accuracy))).toContain(
    "No selected trial",
  );
  expect(areaText(axis("hp.layers"), 0)).toBe("1");
  expect(areaText(axis("hp.layers"), 3)).toBe("4");
  const loss = contourOf(trials, x, y, axis("loss"), true);
  expect(loss.areas.find(({ share }) => share === 1)?.column).toBe(7);
});

test("the front has no trial that another one beats", () => {
  const [x, y] = [axis("parameters"), accuracy];
  const points = paretoPoints(trials, [x, y], [true, false]);
  expect(points.every(({ onFront }) => onFront)).toBe(true); // larger networks are better here
  expect(points.some(({ number }) => number % 5 === 0)).toBe(false); // pruned ones are not on it
  const beaten = paretoPoints(trials, [x, y], [false, false]);
  expect(beaten.filter(({ onFront }) => onFront).map(({ number }) => number)).toEqual([39]);
  expect(plainText(paretoSentences("s", beaten, x, y))).toMatch(/^Trial 39 is the best of 32 trials in both/);
  expect(plainText(paretoSentences("s", points, x, y))).toMatch(/^32 of 32 trials are on the front/);
  expect(firstPair(["val_accuracy"], ["objective", "parameters"])).toEqual(["parameters", "objective"]);
  expect(firstPair(["val_accuracy", "overall_health"], ["overall_health", "parameters"])[0]).toBe("overall_health");
});

describe("importance", () => {
  const answer = { importance: { learning_rate: 0.7, optimizer: 0.2, layers: 0.1 }, reason: null, trials_used: 40 };
  const other = { importance: { layers: 0.9, learning_rate: 0.1, dropout: 0 }, reason: null, trials_used: 40 };
  test("has a cell for each hyperparameter and result, with its trials", () => {
    const map = importanceMap(trials, [
      { metric: "val_accuracy", answer },
      { metric: "parameter_count", answer: other },
      { metric: "val_loss", answer: undefined },
    ]);
    expect(map.parameters).toEqual(["learning_rate", "optimizer", "layers", "dropout"]);
    expect(map.cells.find((cell) => cell.parameter === "dropout")?.count).toBe(26);
    expect(topOf(map, "parameter_count")?.parameter).toBe("layers");
    expect(plainText(importanceSentences(map, true))).toBe(
      "Learning rate mattered most for validation accuracy: it explains 70\u00a0% of the differences, judged by 40 trials. For number of parameters it was layers, 90\u00a0%.",
    );
    expect(map.cells.find((cell) => cell.metric === "val_loss")?.why).toBe("loading");
  });
  test("says where there are too few trials", () => {
    const map = importanceMap(trials.slice(0, 9), [{ metric: "val_accuracy", answer }]);
    expect(map.cells.every(({ why }) => why === "too few")).toBe(true);
    expect(map.cells.map(whyText)[0]).toBe("too few: 9 trials");
    expect(plainText(importanceSentences(map, false))).toContain("It takes 10 trials");
  });
});

test("a table has raw values in its file and words on the page", () => {
  const { rows, columns } = trialTable([exampleTrial({ hyperparameters: {} })], [axis("hp.layers"), accuracy]);
  expect(columns.map(({ key }) => key)).toEqual(["trial_number", "status", "hp.layers", "objective"]);
  expect(rows[0]?.texts).toEqual(["Trial 1", "completed", "N/A", "97.4\u00a0%"]);
  expect(figureCsv({ columns, rows })).toBe("trial_number,status,hp.layers,objective\r\n1,completed,,0.9741\r\n");
});

test("a label within a sentence keeps its abbreviations", () => {
  expect(["Learning rate", "LSTM units", "L2"].map(inSentence)).toEqual(["learning rate", "LSTM units", "L2"]);
});
