import { useState } from "react";
import type { Prediction } from "../../api/shapes";
import { type TryInput, usePredict } from "../../api/usePredict";
import { count } from "../../model/format";
import { agreementSentence, answerSentence, ranked, truthSentence } from "../../model/try/answer";
import type { Way } from "../../model/try/ways";
import { Button, ErrorNote, Panel, Spinner } from "../../parts";
import type { ChosenModels } from "./address";
import { ClassBars } from "./ClassBars";
import { TrialMark } from "./TrialMark";

interface Props {
  id: string;
  winner: number;
  /** Number of classes of the model. */
  classes: number;
  models: ChosenModels;
  way: Way;
  input: TryInput | null;
}

const NOTHING: Readonly<Record<Way, string>> = {
  draw: "Draw something, and the answer shows here.",
  image: "Choose an image, and the answer shows here.",
  text: "Type a text, and the answer shows here.",
  sample: "Choose a sample, and the answer shows here.",
};
/** Classes that are shown before a person asks for all. */
const FIRST = 10;
/** Heights of the sentence above the classes and of a class. */
const SENTENCE_REM = 4.5;
const ROW_REM = 1.75;

/** What one model, or two, say about the input: a sentence, then all classes with bars. */
export function AnswerPanel({ id, winner, classes, models, way, input }: Props) {
  const { trial, other } = models;
  const one = usePredict(id, trial, winner, input);
  const two = usePredict(id, other, winner, input);
  const [all, setAll] = useState(false);
  const both = other !== null && one.data && two.data ? { one: one.data, two: two.data } : null;
  const order = one.data ?? two.data;
  const labels = order === undefined ? [] : ranked(order).map((share) => share.label);
  const answer = (number: number, query: typeof one) => (
    <ModelAnswer
      trial={number}
      query={query}
      rows={Math.min(FIRST, classes)}
      labels={all ? labels : labels.slice(0, FIRST)}
      alone={other === null}
    />
  );
  return (
    <Panel
      title="The answer"
      question="What does the model say, and how sure is it?"
      state={input === null ? { kind: "empty", text: NOTHING[way] } : undefined}
    >
      {both !== null && other !== null && (
        <p role="status" className="mb-3 text-[16px] font-medium">
          {agreementSentence({ trial, prediction: both.one }, { trial: other, prediction: both.two })}
        </p>
      )}
      <div className={`grid min-w-0 gap-4 ${other === null ? "" : "sm:grid-cols-2"}`}>
        {answer(trial, one)}
        {other !== null && answer(other, two)}
      </div>
      {labels.length > FIRST && (
        <Button size="small" className="mt-3" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? `Show the first ${FIRST}` : `Show all ${count(labels.length)} classes`}
        </Button>
      )}
    </Panel>
  );
}

interface AnswerProps {
  trial: number;
  query: ReturnType<typeof usePredict>;
  /** Number of rows that an answer has at first: room is kept for them, so that nothing moves when it comes. */
  rows: number;
  /** Classes in the order of their rows. */
  labels: readonly string[];
  /** Whether no other model is asked. */
  alone: boolean;
}

function ModelAnswer({ trial, query, rows, labels, alone }: AnswerProps) {
  const { data, isPlaceholderData } = query;
  // An answer to the input before is no answer to this one when that failed.
  const shown = query.isError ? undefined : data;
  return (
    <div data-answer={trial} aria-busy={query.isFetching || undefined} className="min-w-0">
      {!alone && (
        <h3 className="mb-1 flex items-start gap-2 font-medium">
          <TrialMark trial={trial} />
          Trial {trial}
        </h3>
      )}
      {query.isError && <ErrorNote error={query.error} retry={() => void query.refetch()} />}
      {shown === undefined && !query.isError && <Asking rows={rows} />}
      {shown !== undefined && (
        <div className={isPlaceholderData ? "opacity-60" : ""}>
          <Said prediction={shown} large={alone} />
          <ClassBars prediction={shown} labels={labels} trial={trial} />
        </div>
      )}
    </div>
  );
}

function Said({ prediction, large }: { prediction: Prediction; large: boolean }) {
  const truth = truthSentence(prediction);
  return (
    <div role="status" className="mb-3">
      <p className={`${large ? "text-[16px] font-medium" : ""} ${prediction.unsure ? "text-warn" : ""}`}>
        {answerSentence(prediction)}
      </p>
      {truth !== null && <p className={truth.right ? "text-good" : "text-bad"}>{truth.text}</p>}
    </div>
  );
}

function Asking({ rows }: { rows: number }) {
  return (
    <p
      role="status"
      className="flex items-start gap-2 py-4 text-muted"
      style={{ minHeight: `${SENTENCE_REM + rows * ROW_REM}rem` }}
    >
      <Spinner />
      The model is asked. The first answer can take half a minute, because the model is loaded first.
    </p>
  );
}
