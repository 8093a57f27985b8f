import type { TryInput } from "../../api/usePredict";
import { WAY_WORDS, type Way } from "../../model/try/ways";
import { Panel, Segmented } from "../../parts";
import { ChosenSample } from "./ChosenSample";
import { DrawInput } from "./DrawInput";
import { ImageInput } from "./ImageInput";
import { TextInput } from "./TextInput";
import type { Inputs } from "./useInputs";

interface Props {
  ways: readonly Way[];
  way: Way;
  onWay: (way: Way) => void;
  inputs: Inputs;
  sample: { input: TryInput | null };
  study: string;
}

const QUESTIONS: Readonly<Record<Way, string>> = {
  draw: "What do you want to ask? Draw it.",
  image: "What do you want to ask? Drop, choose or paste an image.",
  text: "What do you want to ask? Type a text.",
  sample: "What do you want to ask? Choose a sample below.",
};

/** The input: one way at a time, of those that the model takes. */
export function InputPanel({ ways, way, onWay, inputs, sample, study }: Props) {
  return (
    <Panel
      title="Your input"
      question={QUESTIONS[way]}
      actions={
        ways.length > 1 && (
          <Segmented
            label="Way of the input"
            value={way}
            onChange={onWay}
            options={ways.map((value) => ({ value, label: WAY_WORDS[value] }))}
          />
        )
      }
    >
      {way === "draw" && <DrawInput inputs={inputs} />}
      {way === "image" && <ImageInput photo={inputs.photo} onPhoto={inputs.setPhoto} />}
      {way === "text" && <TextInput text={inputs.text} onText={inputs.setText} />}
      {way === "sample" && <ChosenSample study={study} input={sample.input} />}
    </Panel>
  );
}
