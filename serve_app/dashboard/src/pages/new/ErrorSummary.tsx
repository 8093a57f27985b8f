import { type FormError, placeName } from "../../model/specErrors";

/** All errors in one place; each leads to its field. */
export function ErrorSummary({ errors, onGo }: { errors: readonly FormError[]; onGo: (field: string) => void }) {
  if (errors.length === 0) return null;
  return (
    <div className="rounded-button bg-bad-soft p-3 text-[13px] text-bad">
      <p className="font-medium">
        {errors.length === 1 ? "One thing to correct" : `${errors.length} things to correct`}
      </p>
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
