import { type InputHTMLAttributes, useState } from "react";
import { inputClass } from "../../parts";

interface Props extends Omit<InputHTMLAttributes<HTMLInputElement>, "value" | "onChange"> {
  /** What was typed; empty if nothing. */
  text: string;
  /** What is used where nothing is typed; it stands in the field like a value. */
  effective: string;
  onText: (text: string) => void;
}

/** An input that shows its default as a value. Emptied, it gets the default again when it loses the focus. */
export function ShownInput({ text, effective, onText, className = "", ...rest }: Props) {
  const [editing, setEditing] = useState<string | null>(null);
  return (
    <input
      type="text"
      autoComplete="off"
      spellCheck={false}
      {...rest}
      className={`${inputClass} ${className}`}
      value={editing ?? (text || effective)}
      onFocus={() => setEditing(text || effective)}
      onBlur={() => setEditing(null)}
      onChange={(event) => {
        setEditing(event.target.value);
        onText(event.target.value);
      }}
    />
  );
}
