import { Field, inputClass } from "../../parts";

/** A text; the model is asked when the typing rests. */
export function TextInput({ text, onText }: { text: string; onText: (text: string) => void }) {
  return (
    <Field label="Text" hint="The answer comes while you type.">
      {(ids) => (
        <textarea
          {...ids}
          rows={6}
          className={`${inputClass} h-auto resize-y py-2`}
          value={text}
          onChange={(event) => onText(event.target.value)}
        />
      )}
    </Field>
  );
}
