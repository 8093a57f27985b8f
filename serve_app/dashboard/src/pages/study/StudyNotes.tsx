import { NotebookPen } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Link } from "wouter";
import { notesOf } from "../../model/studyNotes";
import { Button } from "../../parts/Button";

const NoteDialog = lazy(() => import("./NoteDialog"));

/** The note and the tags of a study under its name, and the button that edits them. A tag leads to its studies. */
export function StudyNotes({ id, job }: { id: string; job: object }) {
  const [editing, setEditing] = useState(false);
  const notes = notesOf(job);
  const empty = notes.note === null && notes.tags.length === 0;
  return (
    <div data-notes className="mt-1 flex min-w-0 flex-wrap items-start gap-x-2 gap-y-1">
      {notes.tags.length > 0 && (
        <ul aria-label="Tags" className="flex min-w-0 flex-wrap gap-1 py-0.5">
          {notes.tags.map((tag) => (
            <li key={tag} className="min-w-0">
              <Link
                href={`/history?${new URLSearchParams({ tag })}`}
                className="focus-ring flex h-6 max-w-full items-center rounded-full bg-sunken px-2 text-[12px] hover:text-accent"
              >
                <span className="truncate">{tag}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
      {notes.note !== null && (
        <p className="line-clamp-3 min-w-0 basis-full text-[13px] break-words whitespace-pre-line" title={notes.note}>
          {notes.note}
        </p>
      )}
      <Button kind="ghost" size="small" className="-ml-2" onClick={() => setEditing(true)}>
        <NotebookPen aria-hidden="true" className="size-3.5" />
        {empty ? "Add a note or tags" : "Edit note and tags"}
      </Button>
      {editing && (
        <Suspense fallback={null}>
          <NoteDialog id={id} notes={notes} onClose={() => setEditing(false)} />
        </Suspense>
      )}
    </div>
  );
}
