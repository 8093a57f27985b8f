/** The study that trains one network once more: the spec of its study, narrowed to the trial's own values. */
import { type Draft, withNarrowing, withValue } from "./specDraft";
import { narrowingOf, type Scalar } from "./specSpace";

/** Fields that would refuse a single network, or look for others. */
const OF_A_SEARCH = ["time_budget_s", "target_score", "warm_start_from", "searcher", "activation"];

/** The draft with every hyperparameter fixed, and one network to train. */
export function ofTrial(draft: Draft, hyperparameters: Readonly<Record<string, Scalar>>): Draft {
  let one = OF_A_SEARCH.reduce((before, name) => withValue(before, name, ""), draft);
  one = withValue(one, "trials", "1");
  for (const [name, value] of Object.entries(hyperparameters)) {
    one = withNarrowing(one, name, narrowingOf({ choices: [value] }));
  }
  return one;
}
