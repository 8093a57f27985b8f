/** What a verdict is made of. */

import type { Sentence } from "./sentence";

export interface StudyForVerdict {
  id: string;
  status: string;
  reason: string | null;
  objectives: readonly string[];
  cancel_requested_at: string | null;
  best_trial_number: number | null;
  best_objective: number | null;
  test_accuracy: number | null;
  baseline: { name: string; val_accuracy: number; test_accuracy: number } | null;
  progress: {
    trials_performed: number;
    total_trials: number;
    running_trials: number;
    completed_trials: number;
    failed_trials: number;
    pruned_trials: number;
    best_accuracy: number | null;
    waiting_for?: string | null;
    saved_s?: number | null;
    running: readonly { trial_number: number; epoch: number; epochs: number }[];
  };
}

export interface ImportanceForVerdict {
  importance: Record<string, number> | null;
}

export interface MoreForVerdict {
  /** Whether a time budget decides how many trials there are. */
  timed?: boolean;
  /** What `moreAccurate` says of a trial that is more accurate than the best one; null: there is none. */
  rival?: Sentence | null;
}
