import { type FormError, placeName } from "../../model/specErrors";

interface Props {
  errors: readonly FormError[];
  /** Whether they only warn: the study can be started all the same. */
  warn?: boolean;
  onGo: (field: string) => void;
}

/** All errors, or all warnings, in one place; each leads to its field. */
export function ErrorSummary({ errors, warn = false, onGo }: Props) {
  if (errors.length === 0) return null;
  const wrong = errors.length === 1 ? "One thing to correct" : `${errors.length} things to correct`;
  return (
    <div className={`rounded-button p-3 text-[13px] ${warn ? "bg-warn-soft text-warn" : "bg-bad-soft text-bad"}`}>
      <p className="font-medium">{warn ? "This cannot work as it is set" : wrong}</p>
      <ul className="mt-1 flex flex-col gap-1">
        {errors.map(({ field, message }) => (
          <li key={`${field} ${message}`} className="break-words">
            {field === null ? (
              message
            ) : (
              <button type="button" onClick={() => onGo(field)} className="focus-ring text-left underline">
                {placeName(field)}: {message}
              </button>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
