import { X } from "lucide-react";
import { type FormEvent, useRef, useState } from "react";
import { ApiError } from "../../api/client";
import { useUploadDataset } from "../../api/useUpload";
import {
  type Draft,
  draftErrors,
  FORMAT_WORDS,
  FORMATS,
  formatOf,
  nameOf,
  SUFFIXES,
  serverErrors,
  type UploadErrors,
} from "../../model/data/upload";
import { bytes } from "../../model/format";
import { Button, ErrorNote, Field, inputClass, Panel, Select } from "../../parts";
import { writeParams } from "../../state/url";
import { FileDrop } from "./FileDrop";
import { SendingBar } from "./SendingBar";

interface Chosen extends Omit<Draft, "file"> {
  file: File | null;
}

const NOTHING: Chosen = { name: "", format: "", file: null };

/** Sends a data set to the server, which reads and checks it before it keeps it. */
export function UploadPanel({ taken, onClose }: { taken: readonly string[]; onClose: () => void }) {
  const [draft, setDraft] = useState<Chosen>(NOTHING);
  const [errors, setErrors] = useState<UploadErrors>({});
  const form = useRef<HTMLFormElement>(null);
  const upload = useUploadDataset();
  const change = (next: Partial<Chosen>) => {
    setDraft((before) => ({ ...before, ...next }));
    setErrors({});
  };
  const choose = (file: File) =>
    // What a person typed stays; the rest comes from the file's name.
    change({
      file,
      name: draft.name === "" ? nameOf(file.name) : draft.name,
      format: formatOf(file.name) ?? draft.format,
    });
  const fail = (found: UploadErrors) => {
    setErrors(found);
    const first = (["file", "name", "format"] as const).find((field) => found[field] !== undefined);
    form.current?.querySelector<HTMLElement>(`[data-field=${first}] :is(input, select)`)?.focus();
  };
  const send = async (event: FormEvent) => {
    event.preventDefault();
    const found = draftErrors(draft, taken);
    if (Object.keys(found).length > 0) return fail(found);
    try {
      await upload.start(draft.name, draft.format, draft.file as File);
      writeParams({ dataset: draft.name, upload: null }, { push: true });
    } catch (error) {
      const named = error instanceof ApiError ? serverErrors(error) : null;
      if (named !== null) fail(named);
    }
  };
  const isBusy = upload.isPending;
  const fault = isBusy || Object.keys(errors).length > 0 || wasStopped(upload.error) ? null : upload.error;
  return (
    <Panel
      title="Upload a data set"
      question="The server reads and checks the file before it keeps it. Nothing in it is run."
      actions={
        <Button kind="ghost" size="icon" aria-label="Close the upload" disabled={isBusy} onClick={onClose}>
          <X aria-hidden="true" className="size-4" />
        </Button>
      }
    >
      <form ref={form} noValidate onSubmit={(event) => void send(event)} className="grid gap-3 sm:grid-cols-2">
        <div data-field="file" className="sm:col-span-2">
          <Field
            label="File"
            hint={draft.file === null ? "Choose it, or drop it here." : `${draft.file.name}, ${bytes(draft.file.size)}`}
            error={errors.file}
          >
            {(ids) => <FileDrop {...ids} accept={SUFFIXES} disabled={isBusy} onFile={choose} />}
          </Field>
        </div>
        <div data-field="name">
          <Field label="Name" hint="What searches call it." error={errors.name}>
            {(ids) => (
              <input
                {...ids}
                className={inputClass}
                value={draft.name}
                disabled={isBusy}
                autoComplete="off"
                spellCheck={false}
                onChange={(event) => change({ name: event.target.value.trim() })}
              />
            )}
          </Field>
        </div>
        <div data-field="format">
          <Field label="What the file holds" error={errors.format}>
            {(ids) => (
              <Select
                {...ids}
                value={draft.format}
                disabled={isBusy}
                onChange={(format) => change({ format })}
                options={[
                  { value: "" as const, label: "Choose", disabled: true },
                  ...FORMATS.map((value) => ({ value, label: FORMAT_WORDS[value] })),
                ]}
              />
            )}
          </Field>
        </div>
        <div className="flex flex-col gap-3 sm:col-span-2">
          {fault !== null && <ErrorNote title="The data set was not uploaded" error={fault} />}
          {isBusy && <SendingBar sending={upload.sending} onStop={upload.stop} />}
          <Button kind="good" type="submit" busy={isBusy} className="self-start">
            Upload
          </Button>
        </div>
      </form>
    </Panel>
  );
}

function wasStopped(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
