import { TriangleAlert } from "lucide-react";
import { browserWords } from "../model/browserWords";
import { asSentence } from "../model/sentence";
import { Button } from "./Button";

/** What went wrong and what to do, as the server or the code says it. */
export function ErrorNote(props: { error: unknown; retry?: () => void; title?: string }) {
  const { message, remedy } = wording(props.error);
  return (
    <div role="alert" className="flex items-start gap-2 rounded-button bg-bad-soft p-3">
      <TriangleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-bad" />
      <div className="min-w-0 flex-1">
        {props.title !== undefined && <p className="font-medium text-bad">{props.title}</p>}
        <p className="text-bad break-words">{asSentence(browserWords(message))}</p>
        {remedy !== null && <p className="text-main break-words">{asSentence(browserWords(remedy))}</p>}
      </div>
      {props.retry !== undefined && (
        <Button size="small" onClick={props.retry}>
          Try again
        </Button>
      )}
    </div>
  );
}

function wording(error: unknown): { message: string; remedy: string | null } {
  if (!(error instanceof Error)) return { message: "Something failed without a message.", remedy: null };
  const remedy = "remedy" in error && typeof error.remedy === "string" ? error.remedy : null;
  return { message: error.message === "" ? "Something failed without a message." : error.message, remedy };
}
