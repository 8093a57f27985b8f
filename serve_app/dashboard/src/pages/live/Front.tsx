import { useCallback, useMemo } from "react";
import { type CurveAxis, type CurveId, Points, trialColor } from "../../charts";
import type { LiveTrial } from "../../live/store";
import { wholePercent } from "../../model/format";
import {
  axisLabel,
  type FrontPicture,
  frontPicture,
  frontSentences,
  notDrawn,
  pointText,
} from "../../model/frontPicture";
import { isShare, objectiveName, objectiveText, objectiveUnit } from "../../model/objectiveWords";
import { capital, listed, trialLink } from "../../model/sentence";
import { Panel, type PanelState } from "../../parts";
import { writeParams } from "../../state/url";
import { useFront } from "../trials/useFront";
import { useSettledStudy } from "./useSettledStudy";
import type { StudyHead } from "./useStudyHead";
import { Words } from "./Words";

const NO_TRIALS: readonly LiveTrial[] = [];

interface Props {
  head: StudyHead;
  highlighted: number | null;
  onHighlight: (number: number | null) => void;
}

/** The trials of a study with several objectives between two of them, with the Pareto front joined. */
export function Front({ head, highlighted, onHighlight }: Props) {
  const { id, objectives } = head;
  const study = useSettledStudy(id, 500);
  const trials = useMemo(() => (study ? [...study.trials.values()] : NO_TRIALS), [study]);
  const front = useFront(id, trials);
  const picture = useMemo(() => frontPicture(trials, objectives, front), [trials, objectives, front]);
  return (
    <Panel
      title="Pareto front"
      question={`Which trials are the best compromises of ${listed(objectives.map(objectiveName))}?`}
      className="min-h-[440px]"
      state={stateOf(picture, study?.loadedTrials ?? false)}
    >
      {picture && <Drawn id={id} picture={picture} highlighted={highlighted} onHighlight={onHighlight} />}
    </Panel>
  );
}

function stateOf(picture: FrontPicture | null, loaded: boolean): PanelState {
  if (picture === null) return { kind: "empty", text: "The values of the other objectives cannot be drawn here." };
  if (picture.points.length > 0) return { kind: "ready" };
  return loaded
    ? { kind: "empty", text: "No trial has completed: the front is of completed trials." }
    : { kind: "loading" };
}

interface DrawnProps extends Omit<Props, "head"> {
  id: string;
  picture: FrontPicture;
}

function Drawn(props: DrawnProps) {
  const { id, picture, onHighlight } = props;
  const [x, y] = useMemo(() => [axisOf(picture.x), axisOf(picture.y)] as const, [picture.x, picture.y]);
  const points = useMemo(
    () =>
      picture.points.map((point) => ({
        id: point.number,
        x: point.x,
        y: point.y,
        color: trialColor(point.number),
        strong: point.onFront,
        text: pointText(picture, point),
        href: trialLink(id, point.number),
        note: point.onFront ? "On the front" : "–",
      })),
    [id, picture],
  );
  const line = useMemo(
    () => (picture.objectives.length === 2 ? picture.front.map((point) => [point.x, point.y] as const) : []),
    [picture],
  );
  const lift = useCallback(
    (chosen: CurveId | null) => onHighlight(typeof chosen === "number" ? chosen : null),
    [onHighlight],
  );
  const missing = notDrawn(id, picture);
  return (
    <>
      <p className="mb-2">
        {frontSentences(id, picture).map((sentence, place) => (
          <span key={place}>
            <Words of={sentence} />{" "}
          </span>
        ))}
      </p>
      <p aria-hidden="true" className="text-[12px] text-muted">
        {y.label}
      </p>
      <Points
        title={`${capital(objectiveName(picture.y))} by ${objectiveName(picture.x)}`}
        study={id}
        name="Trial"
        points={points}
        line={line}
        x={x}
        y={y}
        highlighted={props.highlighted}
        onHighlight={lift}
        onOpen={(number) => writeParams({ trial: String(number) }, { push: true })}
        openText="opens the trial"
      />
      {missing !== null && (
        <p className="mt-2 text-[12px] text-muted">
          <Words of={missing} />
        </p>
      )}
    </>
  );
}

function axisOf(objective: string): CurveAxis {
  const format = (value: number) => objectiveText(objective, value);
  if (!isShare(objective)) {
    return { label: axisLabel(objective), format, steps: "any", unit: objectiveUnit(objective) };
  }
  const tick = (value: number, step: number) => (step < 0.01 ? format(value) : wholePercent(value));
  return { label: axisLabel(objective), format, tick, steps: "any", limits: [0, 1] };
}
