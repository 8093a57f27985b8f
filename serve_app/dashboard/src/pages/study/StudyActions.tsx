import { Copy, ListPlus, Play, Square, Trash2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useCancelStudy, useResumeStudy } from "../../api/useStudyActions";
import { cancelRequested } from "../../live/feed";
import { actionsOf } from "../../model/studyActions";
import { Button, ButtonLink } from "../../parts/Button";
import type { Head } from "./useHead";

const DeleteDialog = lazy(() => import("./DeleteDialog"));
const MoreTrialsDialog = lazy(() => import("./MoreTrialsDialog"));

/** What can be done with the study now. An action shows that it is under way until the server has confirmed it. */
export function StudyActions({ id, head }: { id: string; head: Head }) {
  const [open, setOpen] = useState<"delete" | "more" | null>(null);
  const cancel = useCancelStudy(id);
  const resume = useResumeStudy(id);
  const can = actionsOf(head);
  const fault = cancel.error ?? resume.error;
  const close = () => setOpen(null);
  return (
    <>
      {can.cancel !== null && (
        <Button
          kind="danger"
          busy={cancel.isPending}
          disabled={can.cancel === "cancelling"}
          onClick={() => cancel.mutate(undefined, { onSuccess: () => cancelRequested(id) })}
        >
          <Square aria-hidden="true" className="size-4" />
          {can.cancel === "cancelling" ? "Cancelling" : "Cancel"}
        </Button>
      )}
      {can.resume && (
        <Button kind="primary" busy={resume.isPending} onClick={() => resume.mutate(null)}>
          <Play aria-hidden="true" className="size-4" />
          Resume
        </Button>
      )}
      {can.moreTrials && (
        <Button onClick={() => setOpen("more")}>
          <ListPlus aria-hidden="true" className="size-4" />
          More trials
        </Button>
      )}
      <ButtonLink href={`/new?from=${encodeURIComponent(id)}`}>
        <Copy aria-hidden="true" className="size-4" />
        Copy
      </ButtonLink>
      <Button kind="danger" onClick={() => setOpen("delete")}>
        <Trash2 aria-hidden="true" className="size-4" />
        Delete
      </Button>
      {fault !== null && (
        <p role="alert" className="basis-full text-[12px] text-bad">
          {fault.message}
        </p>
      )}
      <Suspense fallback={null}>
        {open === "delete" && <DeleteDialog id={id} refusal={can.deleteRefusal} onClose={close} />}
        {open === "more" && <MoreTrialsDialog id={id} head={head} onClose={close} />}
      </Suspense>
    </>
  );
}
