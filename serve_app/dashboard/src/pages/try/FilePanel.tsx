import { Download } from "lucide-react";
import { useState } from "react";
import type { PredictionSchema } from "../../api/shapes";
import { useSendFile } from "../../api/useUpload";
import { bytes } from "../../model/format";
import { type PredictionSummary, predictionsName, summaryOf } from "../../model/try/predictionFile";
import { fileFormat, fileFormats, fileWords } from "../../model/try/ways";
import { Button, ErrorNote, Field, Panel } from "../../parts";
import { saveFile } from "../../parts/saveFile";
import { FileDrop } from "../data/FileDrop";
import { SendingBar } from "../data/SendingBar";
import { FileSummary } from "./FileSummary";

interface Result {
  /** Name of the file that is saved. */
  name: string;
  content: Blob;
  /** null: the file is too large to be summed up in the browser. */
  summary: PredictionSummary | null;
}

/** A larger table would stop the page for a noticeable time. */
const MOST_SUMMED_UP = 10_000_000;

/** Classifies a file of inputs: the predictions come back as a CSV file. */
export function FilePanel({ id, schema }: { id: string; schema: PredictionSchema }) {
  const sending = useSendFile();
  const [wrong, setWrong] = useState<string | null>(null);
  const [result, setResult] = useState<Result | null>(null);
  const formats = fileFormats(schema);
  const start = async (file: File) => {
    const format = fileFormat(schema, file.name);
    setResult(null);
    setWrong(format === null ? `${file.name} is no file that this model reads. ${fileWords(schema)}` : null);
    if (format === null) return;
    try {
      const path = `/jobs/${encodeURIComponent(id)}/best-model/predict/file?format=${format}`;
      const content = await sending.mutateAsync({ path, file });
      const summary = content.size > MOST_SUMMED_UP ? null : summaryOf(await content.text());
      setResult({ name: predictionsName(file.name), content, summary });
    } catch {
      // The panel shows the error of the request.
    }
  };
  const fault = sending.isPending || wrong !== null || wasStopped(sending.error) ? null : sending.error;
  return (
    <Panel
      title="A whole file"
      question={`What does the best model, that of trial ${schema.trial_number}, say about many inputs?`}
    >
      <div className="flex flex-col gap-3">
        <Field label="File of inputs" hint={`${fileWords(schema)} At most 10,000 inputs.`} error={wrong}>
          {(ids) => (
            <FileDrop
              {...ids}
              accept={formats.map((format) => `.${format}`)}
              disabled={sending.isPending}
              onFile={(file) => void start(file)}
            />
          )}
        </Field>
        {sending.isPending && (
          <SendingBar sending={sending.sending} onStop={sending.stop} checks="The model classifies the inputs …" />
        )}
        {fault !== null && <ErrorNote title="The file was not classified" error={fault} />}
        {result !== null && (
          <>
            {result.summary === null ? (
              <p>The predictions take {bytes(result.content.size)}: too much to sum them up here.</p>
            ) : (
              <FileSummary summary={result.summary} />
            )}
            <Button kind="primary" className="self-start" onClick={() => saveFile(result.name, result.content)}>
              <Download aria-hidden="true" className="size-4" />
              Save as CSV
            </Button>
          </>
        )}
      </div>
    </Panel>
  );
}

function wasStopped(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
