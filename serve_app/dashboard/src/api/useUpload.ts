/** Sends files. The browser's `fetch` does not tell how much was sent, so these requests are of the older kind. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { ApiError, api, ok } from "./client";
import { keys } from "./keys";

/** How far a file is; null: nothing is being sent. `checking`: all was sent, and the server reads it. */
export type Sending = { kind: "sending"; share: number } | { kind: "checking" } | null;

interface Options {
  signal: AbortSignal;
  onProgress: (sending: Sending) => void;
}

/** Sends a file as the field `file` of a form and returns the body of the answer. Throws an `ApiError`. */
export function sendFile(path: string, file: File, { signal, onProgress }: Options): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append("file", file, file.name);
    request.open("POST", path);
    request.responseType = "blob";
    request.setRequestHeader("Accept", "application/json, text/csv");
    request.upload.onprogress = ({ loaded, total }) =>
      onProgress(loaded < total ? { kind: "sending", share: loaded / total } : { kind: "checking" });
    request.upload.onload = () => onProgress({ kind: "checking" });
    request.onload = () => void answered(request).then(resolve, reject);
    request.onerror = () =>
      reject(new ApiError(0, "The connection ended before the answer was complete.", "Check that `tuner serve` runs."));
    request.onabort = () => reject(new DOMException("The upload was stopped.", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    onProgress({ kind: "sending", share: 0 });
    request.send(form);
  });
}

/** As of any other request: a problem becomes an `ApiError`, and a 401 leads to the login page. */
async function answered(request: XMLHttpRequest): Promise<Blob> {
  const { status } = request;
  const data = request.response as Blob;
  const error: unknown =
    status < 400
      ? undefined
      : await data
          .text()
          .then(JSON.parse)
          .catch(() => null);
  const retryAfter = request.getResponseHeader("retry-after");
  const headers = new Headers(retryAfter === null ? {} : { "retry-after": retryAfter });
  return ok(Promise.resolve({ data, error, response: new Response(null, { status, headers }) }));
}

/** Sends one file at a time: `send` starts, `stop` ends it. Leaving the page ends it too. */
export function useSendFile() {
  const [sending, setSending] = useState<Sending>(null);
  const running = useRef<AbortController>(null);
  useEffect(() => () => running.current?.abort(), []);
  const mutation = useMutation({
    mutationFn: async ({ path, file }: { path: string; file: File }) => {
      running.current?.abort();
      const own = new AbortController();
      running.current = own;
      try {
        return await sendFile(path, file, { signal: own.signal, onProgress: setSending });
      } finally {
        if (running.current === own) setSending(null);
      }
    },
  });
  return { ...mutation, sending, stop: () => running.current?.abort() };
}

/** Uploads a data set; the list of data sets is read anew after it. */
export function useUploadDataset() {
  const queries = useQueryClient();
  const upload = useSendFile();
  const start = async (name: string, format: string, file: File) => {
    const search = new URLSearchParams({ name, format });
    await upload.mutateAsync({ path: `/datasets?${search}`, file });
    queries.removeQueries({ queryKey: ["samples", "dataset", name] }); // of another data set that had this name
    await queries.invalidateQueries({ queryKey: keys.datasets });
  };
  return { ...upload, start };
}

/** Deletes an uploaded data set. */
export function useDeleteDataset() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => ok(api.DELETE("/datasets/{name}", { params: { path: { name } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.datasets, exact: true }),
  });
}
