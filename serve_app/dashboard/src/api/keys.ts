/**
 * The keys of all queries, in one place, so that the live feed can mark the right answers as outdated. Everything of a
 * study is under ["job", id], everything of a trial under ["job", id, "trial", number].
 */
export const keys = {
  session: ["session"] as const,
  jobs: ["jobs"] as const,
  options: ["options"] as const,
  datasets: ["datasets"] as const,
  devices: ["devices"] as const,
  estimate: (request: unknown) => ["estimate", request] as const,
  dryRun: (spec: unknown) => ["dry-run", spec] as const,
  job: (id: string) => ["job", id] as const,
  trial: (id: string, number: number) => ["job", id, "trial", number] as const,
  trialLog: (id: string, number: number) => ["job", id, "trial", number, "log"] as const,
  curves: (id: string, metric: string) => ["job", id, "curves", metric] as const,
  bests: (id: string) => ["job", id, "bests"] as const,
  importance: (id: string) => ["job", id, "importance"] as const,
  space: (id: string) => ["job", id, "space"] as const,
  log: (id: string) => ["job", id, "log"] as const,
  dataset: (name: string) => ["datasets", name] as const,
  samples: (kind: "dataset" | "study", name: string, query: unknown) => ["samples", kind, name, query] as const,
  predict: (id: string, trial: number, input: string) => ["predict", id, trial, input] as const,
};
