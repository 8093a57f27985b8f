/** What the address of the page holds: the models that are asked, the way of the input, and the chosen sample. */
import type { PredictionSchema, Split } from "../../api/shapes";
import type { TryInput } from "../../api/usePredict";
import { type Way, waysOf } from "../../model/try/ways";
import { codecs, useParam, writeParams } from "../../state/url";

const TRIAL = codecs.number(null);
const TEXT = codecs.text();
const SPLIT = codecs.choice(["validation", "test"] as const, "validation");

export interface ChosenModels {
  trial: number;
  /** The second trial; null: one model is asked. */
  other: number | null;
  /** Trials of the address whose models were not kept. */
  missing: number[];
  chooseTrial: (trial: number) => void;
  chooseOther: (trial: number | null) => void;
}

/** The models of `?trial=` and `?with=`. Without the first, or if it was not kept, it is the winner's. */
export function useModels(schema: PredictionSchema): ChosenModels {
  const [asked, setAsked] = useParam("trial", TRIAL);
  const [second, setSecond] = useParam("with", TRIAL);
  const isKept = (trial: number | null): trial is number => trial !== null && schema.kept_trials.includes(trial);
  const trial = isKept(asked) ? asked : schema.trial_number;
  const other = isKept(second) && second !== trial ? second : null;
  return {
    trial,
    other,
    missing: [asked, second].filter((one): one is number => one !== null && !isKept(one)),
    chooseTrial: (next) => setAsked(next === schema.trial_number ? null : next, { push: true }),
    chooseOther: (next) => setSecond(next, { push: true }),
  };
}

/** The way of the input, and how to change it. */
export function useWay(schema: PredictionSchema): { ways: Way[]; way: Way; setWay: (way: Way) => void } {
  const [asked, setAsked] = useParam("input", TEXT);
  const [sample] = useParam("sample", TRIAL);
  const ways = waysOf(schema);
  const fallback: Way = sample === null ? (ways[0] ?? "sample") : "sample";
  return { ways, way: ways.find((one) => one === asked) ?? fallback, setWay: setAsked };
}

/** The sample of the address; null: none is chosen. `splits` are the parts that may be shown. */
export function useChosenSample(splits: readonly Split[]) {
  const [asked] = useParam("split", SPLIT);
  const [sample] = useParam("sample", TRIAL);
  const split: Split = splits.includes(asked) ? asked : "validation";
  const isThere = sample !== null && Number.isInteger(sample) && sample >= 0 && split === asked;
  const input: TryInput | null = isThere ? { key: `${split} sample ${sample}`, split, index: sample } : null;
  const choose = (next: Split, index: number) =>
    writeParams({ input: "sample", split: next === "validation" ? null : next, sample: String(index) });
  return { input, split, index: isThere ? sample : null, choose };
}
