import { ApiError } from "../../api/client";
import type { PredictionSchema, Split } from "../../api/shapes";
import { usePredictSchema } from "../../api/usePredict";
import { browserWords } from "../../model/browserWords";
import { asSentence, studyLink } from "../../model/sentence";
import { validationWarning } from "../../model/try/quality";
import { Empty, Panel, panelState } from "../../parts";
import { AnswerPanel } from "./AnswerPanel";
import { useChosenSample, useModels, useWay } from "./address";
import { FilePanel } from "./FilePanel";
import { InputPanel } from "./InputPanel";
import { QualityPanel } from "./QualityPanel";
import { SampleInput } from "./SampleInput";
import { useInputs } from "./useInputs";

/** `/s/ID/try`: what the model says about an input of one's own, and how often it is right. */
export default function TryPage({ id }: { id: string }) {
  const schema = usePredictSchema(id);
  const { error } = schema;
  const hasNone = schema.data === undefined && error instanceof ApiError && [404, 409].includes(error.status);
  return (
    <div data-page="try" className="flex min-w-0 flex-col gap-4">
      {schema.data !== undefined ? (
        <Trying id={id} schema={schema.data} />
      ) : hasNone ? (
        <Empty
          title="There is no model to try yet"
          text={[error.message, error.remedy]
            .filter((text): text is string => text !== null && text !== "")
            .map((text) => asSentence(browserWords(text)))
            .join(" ")}
          href={studyLink(id)}
          action="See how far the search is"
        />
      ) : (
        <Panel title="Try the model" state={panelState(schema)} />
      )}
    </div>
  );
}

const FOR_WINNER: readonly Split[] = ["validation", "test"];
const FOR_ALL: readonly Split[] = ["validation"];

function Trying({ id, schema }: { id: string; schema: PredictionSchema }) {
  const models = useModels(schema);
  const { ways, way, setWay } = useWay(schema);
  // The winner was chosen before it was tested. Another trial must not be chosen by the test samples.
  const onlyWinner = models.trial === schema.trial_number && models.other === null;
  const splits = onlyWinner ? FOR_WINNER : FOR_ALL;
  const sample = useChosenSample(splits);
  const inputs = useInputs(id, schema, way, sample.input);
  return (
    <>
      <QualityPanel id={id} schema={schema} models={models} />
      <div className="grid min-w-0 items-start gap-4 lg:grid-cols-2">
        <InputPanel ways={ways} way={way} onWay={setWay} inputs={inputs} sample={sample} study={id} />
        <AnswerPanel
          id={id}
          winner={schema.trial_number}
          classes={schema.classes.length}
          models={models}
          way={way}
          input={inputs.input}
        />
      </div>
      {way === "sample" && (
        <SampleInput
          id={id}
          splits={splits}
          onlyWinner={onlyWinner}
          warning={validationWarning(models.trial, schema.trial_number, schema.trained_on_validation)}
          chosen={sample.index}
          onChoose={sample.choose}
        />
      )}
      <FilePanel id={id} schema={schema} />
    </>
  );
}
