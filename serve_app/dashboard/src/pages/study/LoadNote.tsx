import { ApiError } from "../../api/client";
import { reopen } from "../../live/feed";
import { useLoadError } from "../../live/store";
import { ErrorNote } from "../../parts/ErrorNote";

/** Above a page whose trials cannot be read: what is known is shown below it. */
export function LoadNote({ id }: { id: string }) {
  const error = useLoadError(id);
  if (error === null) return null;
  return (
    <div className="mb-4">
      <ErrorNote
        title="The trials of this study cannot be loaded"
        error={new ApiError(error.status, error.detail)}
        retry={() => reopen(id)}
      />
    </div>
  );
}
