/** What the page says about a network and its layers. Pure. */
import { count, loss, NA, percent, wholePercent } from "../../model/format";
import { type HealthWeights, isReduced, REDUCED } from "../../model/trialHealth";
import type { LayerBox } from "../../network/types";
import { changeText, parametersText, shapeText } from "../../network/words";

export interface LayerHealth {
  layer_id: string;
  dead?: number | null;
  saturated?: number | null;
  gradient?: number | null;
  update?: number | null;
}

export interface EpochOfLayers {
  epoch: number;
  /** Absent where a server does not tell it. */
  layers?: readonly LayerHealth[] | null;
}

export type Fact = readonly [name: string, value: string];

export function layerFacts(layer: LayerBox, measuresHealth: boolean): Fact[] {
  const facts: Fact[] = [
    ["Name", layer.layer_id ?? NA],
    ["Type", layer.layer_type],
    ["Output", shapeText(layer.output_shape)],
  ];
  if (layer.input_shape) facts.push(["Input", shapeText(layer.input_shape)]);
  facts.push(["Parameters", count(layer.parameters)]);
  if (layer.filters) facts.push(["Filters", count(layer.filters)]);
  if (layer.kernel_size) facts.push(["Kernel size (pixels)", layer.kernel_size.join("×")]);
  if (layer.units) facts.push(["Units", count(layer.units)]);
  if (layer.activation) facts.push(["Activation", layer.activation]);
  if (layer.change) facts.push(["Against the other network", changeText(layer)]);
  else if (measuresHealth) facts.push(["Health", healthText(layer)]);
  return facts;
}

/** A layer without weights has no health, which is not the same as one that was not measured. */
export function healthText(layer: LayerBox): string {
  if (typeof layer.health === "number") return wholePercent(layer.health);
  return layer.parameters === 0 ? "has no weights" : "not measured";
}

export interface LayerEpoch {
  epoch: number;
  dead: string;
  saturated: string;
  gradient: string;
  update: string;
}

/** The measurements of one layer, epoch by epoch; empty if it has none. */
export function layerEpochs(epochs: readonly EpochOfLayers[], layerId: string): LayerEpoch[] {
  return epochs.flatMap(({ epoch, layers }) => {
    const found = layers?.find(({ layer_id }) => layer_id === layerId);
    if (!found) return [];
    return {
      epoch,
      dead: wholePercent(found.dead),
      saturated: wholePercent(found.saturated),
      gradient: small(found.gradient),
      update: small(found.update),
    };
  });
}

const small = (value: number | null | undefined): string =>
  typeof value === "number" && Number.isFinite(value) ? (value === 0 ? "0" : value.toExponential(1)) : NA;

export interface TrialScores {
  architecture?: { total_parameters: number } | null;
  performance?: { total_score: number; accuracy: number; loss: number } | null;
  health_metrics?: Record<HealthName | "overall_health", number> | null;
}

const HEALTH = {
  neuron_utilization: "Neuron utilization",
  training_stability: "Training stability",
  parameter_efficiency: "Parameter efficiency",
  gradient_health: "Gradient health",
  convergence_quality: "Convergence quality",
  accuracy_consistency: "Accuracy consistency",
} as const;
export type HealthName = keyof typeof HEALTH;

/** The figures of a whole network. Health shows in mode health only. */
export function networkFacts(
  layers: readonly LayerBox[],
  trial: TrialScores,
  measuresHealth: boolean,
  weights: HealthWeights | null = null,
): Fact[] {
  const widest = Math.max(0, ...layers.map((layer) => layer.filters ?? layer.units ?? 0));
  const facts: Fact[] = [
    ["Parameters", count(sum(layers))],
    ["Layers with the input", count(layers.length)],
    ["Most filters or units", widest === 0 ? NA : count(widest)],
    ["Accuracy", percent(trial.performance?.accuracy)],
    ["Loss", loss(trial.performance?.loss)],
    ["Total score", percent(trial.performance?.total_score)],
  ];
  if (!measuresHealth) return facts;
  const health = trial.health_metrics ?? null;
  const overall = wholePercent(health?.overall_health);
  facts.push(["Overall health", isReduced(health, weights) ? `${overall}. ${REDUCED}` : overall]);
  for (const [name, title] of Object.entries(HEALTH) as [HealthName, string][]) {
    facts.push([title, wholePercent(trial.health_metrics?.[name])]);
  }
  return facts;
}

/** What the drawing shows, in words: "9 layers with the input and 421,642 parameters, 95 % of them in dense1." */
export function networkVerdict(layers: readonly LayerBox[]): string {
  const total = sum(layers);
  const largest = layers.reduce<LayerBox | null>(
    (most, layer) => (layer.parameters > (most?.parameters ?? 0) ? layer : most),
    null,
  );
  const start = `${layers.length} layers with the input and ${parametersText(total)}`;
  if (!largest || layers.length < 2 || largest.layer_id === undefined) return `${start}.`;
  return `${start}, ${wholePercent(largest.parameters / total)} of them in ${largest.layer_id}.`;
}

const sum = (layers: readonly LayerBox[]): number => layers.reduce((total, { parameters }) => total + parameters, 0);
