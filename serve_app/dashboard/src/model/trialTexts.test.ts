import { describe, expect, it } from "vitest";
import { csvText as tableCsv } from "./compare/csv";
import { runningLine, trialCard } from "./trialCard";
import { chosenColumns, FIRST_COLUMNS, hyperparameterNames, trialColumns } from "./trialColumns";
import { csvText, trialsCsv } from "./trialCsv";
import { exampleTrial } from "./trialExample";
import { parameterRows, rangeText, type SpaceParameter } from "./trialParameters";

const health = {
  overall_health: 0.812,
  neuron_utilization: 0.9,
  training_stability: 0.5,
  parameter_efficiency: 1,
  gradient_health: 0.75,
  convergence_quality: 0.66,
  accuracy_consistency: 0.5,
  insufficient: ["accuracy_consistency"],
};
const network = {
  type: "cnn",
  conv_layers: 2,
  filters_per_layer: [32, 64],
  kernel_size: 3,
  dense_layers: 1,
  first_dense_nodes: 1024,
  activation: "relu",
  lstm_units: null,
  total_parameters: 1234567,
};

describe("the card of a trial", () => {
  const texts = (lines: readonly { label: string; text: string }[]) =>
    lines.map(({ label, text }) => `${label}: ${text}`);

  it("lists the parts of a convolutional network", () => {
    expect(texts(trialCard(exampleTrial({ architecture: network }), false).network)).toEqual([
      "Architecture: CNN",
      "Convolution layers: 2",
      "Filters: 32, 64",
      "Kernel size (pixels): 3×3",
      "Dense layers: 1",
      "First dense nodes: 1,024",
      "Activation: relu",
      "Parameters: 1,234,567",
    ]);
  });

  it("names units of an LSTM, and no nodes without a dense layer", () => {
    const lstm = { type: "lstm", dense_layers: 0, first_dense_nodes: 64, lstm_units: 128, total_parameters: 9 };
    expect(texts(trialCard(exampleTrial({ architecture: lstm }), false).network)).toEqual([
      "Architecture: LSTM",
      "LSTM units: 128",
      "Dense layers: 0",
      "Parameters: 9",
    ]);
  });

  it("writes scores with one decimal, the loss with three", () => {
    expect(texts(trialCard(exampleTrial(), false).scores)).toEqual([
      "Accuracy: 97.4\u00a0%",
      "Total score: 92.1\u00a0%",
      "Loss: 0.103",
    ]);
  });

  it("says in words why it was stopped early", () => {
    const ending = (reason: string) => trialCard(exampleTrial({ status: "pruned", reason }), false).ending;
    expect(ending("pruned by asha at rung 2, after epoch 7")).toBe("Stopped early by ASHA at rung 2, after epoch 7");
    expect(ending("pruned by median, after epoch 7")).toBe("Stopped early by the median rule, after epoch 7");
  });

  it("says N/A while the trial runs, whatever is known so far", () => {
    const card = trialCard(exampleTrial({ status: "running", health_metrics: health, reason: null }), true);
    expect([...card.scores, ...card.health].map(({ text }) => text)).toEqual(Array(10).fill("N/A"));
    expect(card.ending).toBeNull();
  });

  it("shows health only where the study measures it, as whole percents", () => {
    expect(trialCard(exampleTrial({ health_metrics: health }), false).health).toEqual([]);
    const lines = trialCard(exampleTrial({ health_metrics: health }), true).health;
    expect(lines.map(({ text }) => text)).toEqual([
      "81\u00a0%",
      "90\u00a0%",
      "50\u00a0%",
      "100\u00a0%",
      "75\u00a0%",
      "66\u00a0%",
      "not measured",
    ]);
    expect(lines.at(-1)?.share).toBe(null);
    expect(lines.filter(({ insufficient }) => insufficient).map(({ label }) => label)).toEqual([
      "Accuracy consistency",
    ]);
  });

  it("never writes NaN, null or undefined", () => {
    const odd = exampleTrial({
      performance: { accuracy: Number.NaN, loss: Number.POSITIVE_INFINITY, total_score: Number.NaN },
      started_at: null,
      duration_seconds: null,
      architecture: null,
      reason: null,
      cause: null,
    });
    const card = trialCard(odd, true);
    const all = texts([...card.network, ...card.scores, ...card.health, ...card.course]).join(" ") + card.ending;
    expect(all).not.toMatch(/NaN|Infinity|null|undefined/);
  });
});

describe("the columns and the CSV file", () => {
  const trials = [
    exampleTrial({ number: 2, reason: 'said "no", twice' }),
    exampleTrial({ number: 1, performance: null, hyperparameters: { dropout: 0.5, tfidf: true } }),
  ];
  const columns = trialColumns(false, hyperparameterNames(trials));

  it("chooses by key in the order of all columns, or the first choice", () => {
    expect(chosenColumns(columns, ["loss", "accuracy", "nonsense"]).map(({ key }) => key)).toEqual([
      "accuracy",
      "loss",
    ]);
    const first = chosenColumns(columns, []).map(({ key }) => key);
    expect(first).toEqual(FIRST_COLUMNS.filter((key) => key !== "overall_health"));
    expect(columns.some(({ key }) => key === "gradient_health")).toBe(false);
  });

  it("writes raw values in the order of the list and quotes what needs it", () => {
    const chosen = chosenColumns(columns, ["trial_number", "accuracy", "reason", "hp.learning_rate", "hp.tfidf"]);
    expect(trialsCsv(trials, chosen)).toBe(
      "trial_number,accuracy,reason,hp.learning_rate,hp.tfidf\r\n" +
        '2,0.9741,"said ""no"", twice",0.00123,\r\n' +
        "1,,trained all epochs,,true\r\n",
    );
  });
});

it("writes no cell that a spreadsheet takes for a formula", async () => {
  const texts = ["=1+1", "+a", "-a", "@a", "\ta", "-1.5", "a=1", ""];
  const lines = csvText(["Text"], [...texts.map((text) => [text]), [-1.5], [null]]).split("\r\n");
  expect(lines.slice(1, -1)).toEqual(["'=1+1", "'+a", "'-a", "'@a", "'\ta", "-1.5", "a=1", "", "-1.5", ""]);
  expect(await tableCsv([["=1+1", "2"]]).text()).toBe("'=1+1,2\r\n");
});

describe("the parameters of a trial", () => {
  const space: SpaceParameter[] = [
    {
      name: "learning_rate",
      kind: "float",
      low: 1e-4,
      high: 0.01,
      log: true,
      choices: null,
      when: { optimizer: ["adam", "adamw"] },
    },
    {
      name: "learning_rate",
      kind: "float",
      low: 0.001,
      high: 0.3,
      log: true,
      choices: null,
      when: { optimizer: ["sgd"] },
    },
    { name: "optimizer", kind: "choice", low: null, high: null, log: false, choices: ["adam", "sgd"], when: {} },
    { name: "epochs", kind: "int", low: 14, high: 14, log: false, choices: null, when: {} },
  ];

  it("marks what differs from the best trial", () => {
    const rows = parameterRows(
      { optimizer: "adam", epochs: 14 },
      { optimizer: "sgd", epochs: 14, momentum: 0.9 },
      space,
    );
    expect(rows.map(({ name, own, best, differs }) => [name, own, best, differs])).toEqual([
      ["optimizer", "adam", "sgd", true],
      ["epochs", "14", "14", false],
      ["momentum", "N/A", "0.9", true],
    ]);
    expect(parameterRows({ epochs: 14 }, null, space)[0]?.differs).toBe(false);
  });

  it("says that a time limit planned fewer epochs for the trial", () => {
    const range = (epochs: number) => parameterRows({ epochs }, null, space)[0]?.range;
    expect(range(14)).toBe("at most 14");
    expect(range(9)).toBe("at most 14; fewer were planned here, to fit the time limit");
  });

  it("says the range that was searched", () => {
    expect(rangeText(space.slice(0, 2))).toBe(
      "0.0001 to 0.01, logarithmic (optimizer=adam or adamw); 0.001 to 0.3, logarithmic (optimizer=sgd)",
    );
    const [row] = parameterRows({ learning_rate: 0.2, optimizer: "sgd" }, null, space);
    expect(row?.range).toBe("0.001 to 0.3, logarithmic");
    expect(rangeText(space.slice(2, 3))).toBe("adam, sgd");
    expect(rangeText(space.slice(3))).toBe("always 14");
    expect(rangeText([])).toBe("not searched");
  });
});

describe("the progress of a running trial", () => {
  const running = exampleTrial({ status: "running", epochs_trained: 0, epochs: 14 });

  it("is that of its latest batch", () => {
    const line = runningLine(running, { epoch: 4, epochs: 14, batch: 37, batches: 50 });
    expect(line.text).toBe("Epoch 4 of 14, 74\u00a0%");
    expect(line.share).toBeCloseTo((3 + 0.74) / 14);
  });

  it("is that of its epochs while no batch is known", () => {
    expect(runningLine(running, null)).toEqual({ text: "Starts to train", share: null });
    expect(runningLine({ ...running, epochs_trained: 7 }, null)).toEqual({ text: "7 of 14 epochs done", share: 0.5 });
    expect(runningLine({ ...running, started_at: null }, null).text).toBe("Not started yet");
  });
});
