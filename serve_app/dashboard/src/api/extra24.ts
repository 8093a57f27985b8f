/**
 * Shapes of the API that the generated types do not have yet. They are replaced by `generated/openapi` and
 * `generated/feed` once the server's document has them.
 */
import type { Client } from "openapi-fetch";
import { api } from "./client";

/** New fields of a study. */
export interface StudyNotes {
  note?: string | null;
  tags?: readonly string[];
  /** Trials that run at the same time; null: not known. */
  concurrent_workers?: number | null;
}

/** New fields of a trial. */
export interface TrialNotes {
  note?: string | null;
  starred?: boolean;
  /** When a person asked to end it; null: nobody did. */
  cancel_requested_at?: string | null;
}

/** Body of `PATCH /jobs/{id}`: only the named fields change. */
export interface StudyChange {
  note?: string | null;
  tags?: readonly string[];
  concurrent_workers?: number;
}

/** Body of `PATCH /jobs/{id}/trials/{n}`: only the named fields change. */
export interface TrialChange {
  note?: string | null;
  starred?: boolean;
}

/** Feed: a person changed a study. Absent fields, and those that `changed` does not name, stay. */
export interface StudyChangedMessage extends StudyNotes {
  type: "study_changed";
  study: string;
  sequence: number;
  changed?: readonly string[];
}

/** Feed: a person changed a trial. Absent fields, and those that `changed` does not name, stay. */
export interface TrialChangedMessage extends TrialNotes {
  type: "trial_changed";
  study: string;
  sequence: number;
  trial_number: number;
  changed?: readonly string[];
}

// Samples of data sets, and predictions (T)
export type Split = "train" | "validation" | "test";

export interface Sample {
  index: number;
  label: string;
  /** The text of a text sample, or a short description of one that is no image; null: it is an image. */
  text: string | null;
  /** Path of its picture, a PNG; null: it has none. */
  image: string | null;
}

export interface Samples {
  dataset: string;
  split: Split;
  /** Number of samples of this part and class, not only of this page. */
  total: number;
  /** Samples of the part that cannot be shown: those after its first gigabyte. */
  left_out: number;
  labels: string[];
  samples: Sample[];
}

export interface SamplesQuery {
  split?: Split;
  label?: string;
  offset?: number;
  limit?: number;
}

export interface Prediction {
  label: string;
  probability: number;
  /** By class, each in [0, 1]. */
  probabilities: Record<string, number>;
  /** Whether the two most probable classes are less than 0.2 apart. */
  unsure: boolean;
  /** The class that the sample has in the data; null: the input is no sample. */
  truth: string | null;
}

export interface PredictBody {
  inputs?: unknown[];
  samples?: { split: Split; indices: number[] };
}

export interface PredictSchema {
  study: string;
  trial_number: number;
  /** JSON schema of one input. */
  input: Record<string, unknown>;
  max_inputs: number;
  classes: string[];
  /** Numbers of the trials that can predict; the winner is one of them. */
  kept_trials: number[];
  kind: string;
  /** Height, width and channels of an image; null: the input is no image. */
  shape: number[] | null;
  test_accuracy: number | null;
  /** Whether the best model was trained on the validation samples too. */
  trained_on_validation: boolean;
}

interface Answer<T> {
  responses: { 200: { content: { "application/json": T } } };
}
type Get<P, T> = { get: { parameters: P } & Answer<T> };
type Post<P, B, T> = {
  post: { parameters: P; requestBody: { content: { "application/json": B } } } & Answer<T>;
};

export interface ExtraPaths {
  "/datasets/{name}/samples": Get<{ path: { name: string }; query?: SamplesQuery }, Samples>;
  "/jobs/{id}/samples": Get<{ path: { id: string }; query?: SamplesQuery }, Samples>;
  "/jobs/{id}/best-model/predict/schema": Get<{ path: { id: string } }, PredictSchema>;
  "/jobs/{id}/best-model/predict": Post<{ path: { id: string } }, PredictBody, { predictions: Prediction[] }>;
  "/jobs/{id}/trials/{n}/predict": Post<
    { path: { id: string; n: number } },
    PredictBody,
    { predictions: Prediction[] }
  >;
}

export const extraApi = api as unknown as Client<ExtraPaths>;

// What to try next (A)
/** One thing to try after a study, with its evidence. Texts in backquotes are commands or settings. */
export interface NextStep {
  what: string;
  why: string;
  /** What to change, the most promising first. */
  how: readonly string[];
}

/** New fields of `GET /jobs/{id}/explain`. */
export interface ExplanationExtras {
  /** The most promising first; absent: this server does not tell them. */
  next_steps?: readonly NextStep[];
}
