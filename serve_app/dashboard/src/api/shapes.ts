/** Short names of what the API takes and answers, for pages that hand it on. */
import type { components } from "./generated/openapi";

type Schemas = components["schemas"];

export type StudyChange = Schemas["JobChange"];
export type TrialChange = Schemas["TrialChange"];
/** What people wrote about a study, and how many of its trials run at once. */
export type StudyNotes = Partial<Pick<Schemas["Job"], "note" | "tags" | "concurrent_workers">>;
/** What people wrote about a trial, and when one of them asked to end it. */
export type TrialNotes = Partial<Pick<Schemas["TrialDetail"], "note" | "starred" | "cancel_requested_at">>;

export type Sample = Schemas["Sample"];
export type Samples = Schemas["Samples"];
export type Split = Samples["split"];
export type Prediction = Schemas["Prediction"];
export type PredictionSchema = Schemas["PredictionSchema"];
export type Inputs = Schemas["Inputs"];
export type NextStep = Schemas["NextStep"];
