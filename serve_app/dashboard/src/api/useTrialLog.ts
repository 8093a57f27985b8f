import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { api, ok } from "./client";
import { keys } from "./keys";

interface TrialLog {
  lines: readonly string[];
  next_offset: number;
}

/** The server writes the line of an event just after the event itself. */
const AFTER_EVENT_MS = 800;

/** The lines of a study's log about one trial. When it is shown or `mark` changes, the lines that are new are read. */
export function useTrialLog(id: string, number: number, mark: string) {
  const client = useQueryClient();
  const query = useQuery({
    queryKey: keys.trialLog(id, number),
    refetchOnMount: "always",
    queryFn: async ({ signal, queryKey }): Promise<TrialLog> => {
      const known = client.getQueryData<TrialLog>(queryKey);
      const query = known === undefined ? { lines: 1000 } : { offset: known.next_offset };
      const call = api.GET("/jobs/{id}/trials/{n}/log", { params: { path: { id, n: number }, query }, signal });
      const part = await ok(call);
      return { lines: [...(known?.lines ?? []), ...part.lines], next_offset: part.next_offset };
    },
  });
  const read = useRef(mark);
  useEffect(() => {
    if (mark === read.current) return;
    const timer = setTimeout(() => {
      read.current = mark;
      void client.invalidateQueries({ queryKey: keys.trialLog(id, number) });
    }, AFTER_EVENT_MS);
    return () => clearTimeout(timer);
  }, [client, id, number, mark]);
  return query;
}
