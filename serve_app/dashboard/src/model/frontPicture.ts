/** The trials of a study with several objectives as points, with the front joined, and the same in words. */
import { missingSentence } from "./curvePicture";
import { count } from "./format";
import { type FrontTrial, readerOf } from "./front";
import { objectiveName, objectiveText } from "./objectiveWords";
import { capital, listed, type Piece, plural, type Sentence, say, studyLink, trialLink } from "./sentence";
import { isLowerBetter } from "./trialStory";

export interface FrontPoint {
  number: number;
  x: number;
  y: number;
  onFront: boolean;
}

export interface FrontPicture {
  /** The first objective upwards, another one to the right. */
  x: string;
  y: string;
  /** All objectives of the study: a trial may be on the front by one that is not drawn. */
  objectives: readonly string[];
  /** Those on the front last, so that they lie above the others. */
  points: FrontPoint[];
  /** The front from left to right; it is joined if the study has only these two objectives. */
  front: FrontPoint[];
  trials: number;
  missing: { status: string; numbers: number[] }[];
}

/** Null: the page has the values of less than two objectives. */
export function frontPicture(
  trials: Iterable<FrontTrial>,
  objectives: readonly string[],
  front: ReadonlySet<number>,
): FrontPicture | null {
  const y = objectives[0];
  const x = objectives.slice(1).find((objective) => readerOf(objective, objectives) !== null);
  if (y === undefined || x === undefined) return null;
  const [readX, readY] = [readerOf(x, objectives), readerOf(y, objectives)];
  const points: FrontPoint[] = [];
  const missing = new Map<string, number[]>();
  let total = 0;
  for (const trial of trials) {
    total += 1;
    const [left, up] = [readX?.(trial) ?? Number.NaN, readY?.(trial) ?? Number.NaN];
    if (trial.status === "completed" && Number.isFinite(left) && Number.isFinite(up)) {
      points.push({ number: trial.number, x: left, y: up, onFront: front.has(trial.number) });
    } else {
      missing.set(trial.status, [...(missing.get(trial.status) ?? []), trial.number]);
    }
  }
  points.sort((one, other) => Number(one.onFront) - Number(other.onFront) || one.x - other.x || one.y - other.y);
  return {
    x,
    y,
    objectives,
    points,
    front: points.filter(({ onFront }) => onFront),
    trials: total,
    missing: [...missing].map(([status, numbers]) => ({ status, numbers })),
  };
}

/** The label of an axis: "Number of parameters (lower is better)". */
export function axisLabel(objective: string): string {
  return `${capital(objectiveName(objective))}${isLowerBetter(objective) ? " (lower is better)" : ""}`;
}

/** What a point says: "Trial 2: validation accuracy 99.0 %, overall health 94.0 %, on the front". */
export function pointText({ x, y }: FrontPicture, point: FrontPoint): string {
  const values = [y, x].map((objective) => `${objectiveName(objective)} ${textOf(objective, point, y)}`);
  return `Trial ${point.number}: ${values.join(", ")}${point.onFront ? ", on the front" : ""}`;
}

function textOf(objective: string, point: FrontPoint, y: string): string {
  return objectiveText(objective, objective === y ? point.y : point.x);
}

const MOST_NAMED = 8;

/** The picture in words: which trials are on the front, and the two ends of it. */
export function frontSentences(id: string, picture: FrontPicture): Sentence[] {
  const { front, points, x, y, objectives } = picture;
  const first = front[0];
  if (first === undefined) return [say("No trial is on the front yet: it takes a completed trial.")];
  const link = ({ number }: FrontPoint, text = `trial ${number}`) => ({ text, href: trialLink(id, number) });
  const both = objectives.length === 2 ? "both objectives" : `all ${objectives.length} objectives`;
  if (front.length === 1) {
    return [say(link(first, `Trial ${first.number}`), ` is the best of ${plural(points.length, "trial")} in ${both}.`)];
  }
  const named: (string | Piece)[] = [];
  const shown = front.slice(0, MOST_NAMED);
  shown.forEach((point, place) => {
    if (place > 0) named.push(place === front.length - 1 ? " and " : ", ");
    named.push(link(point));
  });
  if (front.length > shown.length) {
    const rest = `${count(front.length - shown.length)} more`;
    named.push(" and ", { text: rest, href: studyLink(id, "trials", { front: 1 }) });
  }
  const found = [
    say(`${count(front.length)} of ${plural(points.length, "trial")} are on the Pareto front: `, ...named, "."),
    say(`To gain in one of ${listed(objectives.map(objectiveName))}, each of them would lose in another.`),
  ];
  const [high, right] = [bestBy(front, "y", y), bestBy(front, "x", x)];
  if (high === right) return found;
  const end = (point: FrontPoint, objective: string, other: string) =>
    say(
      link(point, `Trial ${point.number}`),
      ` has the best ${objectiveName(objective)}, ${textOf(objective, point, y)}; its ${objectiveName(other)} is ${textOf(other, point, y)}.`,
    );
  return [...found, end(high, y, x), end(right, x, y)];
}

function bestBy(front: readonly FrontPoint[], axis: "x" | "y", objective: string): FrontPoint {
  const sign = isLowerBetter(objective) ? -1 : 1;
  return front.reduce((best, point) => (sign * point[axis] > sign * best[axis] ? point : best));
}

/** Which trials are not drawn, with links; null: all are. */
export function notDrawn(id: string, { trials, missing }: FrontPicture): Sentence | null {
  const running = missing.map((group) => (group.status === "running" ? { ...group, status: "training" } : group));
  return missingSentence(id, { drawn: [], trials, missing: running, hidden: 0 });
}
