import { useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import type { ApiError } from "../../api/client";
import { useStartStudy } from "../../api/useStartStudy";
import type { SpecBody } from "../../model/specDraft";
import { randomKey, type StartRequest, startRequest } from "../../model/specRequest";
import { refusal } from "./useForecast";

/** Starts the study and opens its page. A second click, or a try after a lost answer, starts no second study. */
export function useStart(spec: SpecBody, onStarted: () => void) {
  const [, navigate] = useLocation();
  const study = useStartStudy();
  const request = useRef<StartRequest | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a refusal is about the spec that was sent
  useEffect(() => setProblem(null), [spec]);
  const run = async (): Promise<ApiError | null> => {
    request.current = startRequest(request.current, spec, randomKey);
    setFault(null);
    try {
      const id = await study.mutateAsync({ spec, key: request.current.key });
      onStarted();
      navigate(`/s/${encodeURIComponent(id)}`);
      return null;
    } catch (error) {
      const refused = refusal(error);
      if (refused) setProblem(refused);
      else setFault(error);
      return refused;
    }
  };
  return { run, busy: study.isPending, problem, fault };
}
