/** Which findings of a trial are still problems. */

/** The findings without a "no more gain" after which the trial did gain: the rule of `tuner explain`. */
export function lastingFindings<Finding extends { name: string; epoch: number }>(trial: {
  findings: readonly Finding[];
  best_epoch?: number | null;
}): readonly Finding[] {
  const best = trial.best_epoch ?? 0;
  return trial.findings.filter(({ name, epoch }) => name !== "no_more_gain" || epoch >= best);
}
