import { type ReactNode, useId } from "react";

interface FieldIds {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": boolean | undefined;
}

/** A labelled control with its hint, a note and its error beside it. The child gets the ids that connect them. */
export function Field(props: {
  label: ReactNode;
  hint?: ReactNode;
  /** What the person should know of this value although it is allowed. */
  note?: string | null;
  error?: string | null;
  className?: string;
  children: (ids: FieldIds) => ReactNode;
}) {
  const id = useId();
  const hasError = props.error !== null && props.error !== undefined && props.error !== "";
  const hasNote = props.note !== null && props.note !== undefined && props.note !== "";
  const parts = { hint: props.hint !== undefined, note: hasNote, error: hasError };
  const described = Object.entries(parts).flatMap(([part, shown]) => (shown ? [`${id}-${part}`] : []));
  return (
    <div className={`flex min-w-0 flex-col gap-1 ${props.className ?? ""}`}>
      <label htmlFor={id} className="text-[12px] font-medium text-muted">
        {props.label}
      </label>
      {props.children({
        id,
        "aria-describedby": described.length > 0 ? described.join(" ") : undefined,
        "aria-invalid": hasError || undefined,
      })}
      {props.hint !== undefined && (
        <p id={`${id}-hint`} className="text-[12px] text-muted">
          {props.hint}
        </p>
      )}
      {hasNote && (
        <p id={`${id}-note`} role="status" className="text-[12px] text-warn">
          {props.note}
        </p>
      )}
      {hasError && (
        <p id={`${id}-error`} role="alert" className="text-[12px] text-bad">
          {props.error}
        </p>
      )}
    </div>
  );
}

/** Look of every text and number input. */
export const inputClass =
  "focus-ring h-9 w-full min-w-0 rounded-button border border-line bg-surface px-3 text-main placeholder:text-faint " +
  "aria-invalid:border-bad disabled:opacity-60";
