import { Copy, ListPlus, Play, Square, Trash2, Users } from "lucide-react";
import { lazy, Suspense, useRef, useState } from "react";
import { useCancelStudy, useResumeStudy } from "../../api/useStudyActions";
import { cancelRequested } from "../../live/feed";
import { actionsOf } from "../../model/studyActions";
import { Button, ButtonLink } from "../../parts/Button";
import { ErrorNote } from "../../parts/ErrorNote";
import type { Head } from "./useHead";

const DeleteDialog = lazy(() => import("./DeleteDialog"));
const MoreTrialsDialog = lazy(() => import("./MoreTrialsDialog"));
const WorkersDialog = lazy(() => import("./WorkersDialog"));

interface Props {
  id: string;
  head: Head;
  /** How many trials train at the same time; null: automatic; undefined: not known, so it cannot be changed. */
  workers?: number | null;
}

/**
 * What can be done with the study now. An action shows that it is under way until the server has confirmed it. No button
 * moves under the pointer: actions come and go at the left end, Cancel keeps its place, and a message has a row of its own.
 */
export function StudyActions({ id, head, workers }: Props) {
  const [open, setOpen] = useState<"delete" | "more" | "workers" | null>(null);
  const cancel = useCancelStudy(id);
  const resume = useResumeStudy(id);
  const can = actionsOf(head);
  const fault = cancel.error ?? resume.error;
  const close = () => setOpen(null);
  const cancellable = useRef(false);
  cancellable.current ||= can.cancel !== null;
  return (
    <>
      <div className="ml-auto flex min-h-9 flex-wrap items-center justify-end gap-2">
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
        {can.cancel === "cancel" && workers !== undefined && (
          <Button onClick={() => setOpen("workers")}>
            <Users aria-hidden="true" className="size-4" />
            Workers{workers === null ? "" : `: ${workers}`}
          </Button>
        )}
        {cancellable.current && (
          <Button
            kind="danger"
            className="sm:min-w-36"
            busy={cancel.isPending}
            disabled={can.cancel !== "cancel"}
            onClick={() => cancel.mutate(undefined, { onSuccess: () => cancelRequested(id) })}
          >
            <Square aria-hidden="true" className="size-4" />
            {can.cancel === "cancelling" ? "Cancelling" : head.status === "cancelled" ? "Cancelled" : "Cancel"}
          </Button>
        )}
        <ButtonLink href={`/new?from=${encodeURIComponent(id)}`}>
          <Copy aria-hidden="true" className="size-4" />
          <span>
            Run again<span className="max-sm:sr-only"> with changes</span>
          </span>
        </ButtonLink>
        <Button kind="danger" onClick={() => setOpen("delete")}>
          <Trash2 aria-hidden="true" className="size-4" />
          Delete
        </Button>
      </div>
      {fault !== null && (
        <div className="basis-full">
          <ErrorNote error={fault} />
        </div>
      )}
      <Suspense fallback={null}>
        {open === "delete" && <DeleteDialog id={id} refusal={can.deleteRefusal} onClose={close} />}
        {open === "workers" && <WorkersDialog id={id} workers={workers ?? null} onClose={close} />}
        {open === "more" && <MoreTrialsDialog id={id} head={head} onClose={close} />}
      </Suspense>
    </>
  );
}
