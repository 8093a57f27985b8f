import { QueryClient } from "@tanstack/react-query";
import { beforeEach, describe, expect, it } from "vitest";
import { keys } from "../api/keys";
import { patchAnswers, readAfterLoss } from "./answers";
import { FIRST, JOB, LATER, NAME, only } from "./recorded";

let client: QueryClient;

beforeEach(() => {
  client = new QueryClient();
  client.setQueryData(keys.job(NAME), JOB);
  client.setQueryData(keys.jobs, { items: [JOB], next_cursor: null });
  client.setQueryData(keys.bests(NAME), []);
  client.setQueryData(keys.trial(NAME, 2), {});
});

const outdated = (key: readonly unknown[]) => client.getQueryState(key)?.isInvalidated === true;

describe("answers of the API", () => {
  it("follow the events of a running study without being asked for again", () => {
    patchAnswers(client, [...FIRST, only("new_best"), only("best_model")]);
    for (const key of [keys.job(NAME), keys.jobs, keys.bests(NAME), keys.trial(NAME, 2)])
      expect(outdated(key)).toBe(false);
    expect(client.getQueryData(keys.job(NAME))).toMatchObject({ best_trial_number: 2, test_accuracy: 0.9 });
    expect(client.getQueryData(keys.jobs)).toMatchObject({ items: [{ best_trial_number: 2 }] });
    expect(client.getQueryData(keys.bests(NAME))).toHaveLength(1);
  });

  it("take a new best one in once", () => {
    patchAnswers(client, [only("new_best"), only("new_best")]);
    expect(client.getQueryData(keys.bests(NAME))).toHaveLength(1);
  });

  it("are outdated when a trial or the study has ended", () => {
    patchAnswers(client, [only("trial_complete")]);
    expect(outdated(keys.trial(NAME, 2))).toBe(true);
    expect(outdated(keys.job(NAME))).toBe(false);
    patchAnswers(client, LATER);
    expect(outdated(keys.job(NAME))).toBe(true);
    expect(outdated(keys.bests(NAME))).toBe(true);
    expect(client.getQueryData(keys.job(NAME))).toMatchObject({ status: "cancelled" });
  });

  it("ask for the list again when it lacks a study", () => {
    patchAnswers(client, [{ ...only("study_status"), study: "new" }]);
    expect(outdated(keys.jobs)).toBe(true);
  });

  it("forget a deleted study", () => {
    patchAnswers(client, [{ type: "study_deleted", study: NAME }]);
    expect(client.getQueryData(keys.job(NAME))).toBeUndefined();
    expect(client.getQueryData(keys.jobs)).toMatchObject({ items: [] });
  });

  it("are read again once when the process of a study ends, which is no event", () => {
    const told = { ...only("progress"), status: "interrupted" as const };
    patchAnswers(client, [told]);
    expect(outdated(keys.job(NAME))).toBe(true);
    expect(client.getQueryData(keys.job(NAME))).toMatchObject({ status: "interrupted" });
    expect(client.getQueryData(keys.jobs)).toMatchObject({ items: [{ status: "interrupted" }] });
    client.setQueryData(keys.job(NAME), { ...JOB, status: "interrupted" });
    patchAnswers(client, [told]);
    expect(outdated(keys.job(NAME))).toBe(false);
  });

  it("are read again after a lost connection: the studies, their list, and what could not be read", async () => {
    const refused = keys.dryRun({ dataset: "digits" });
    await client.prefetchQuery({ queryKey: refused, queryFn: () => Promise.reject(new Error("down")), retry: false });
    readAfterLoss(client);
    for (const key of [keys.job(NAME), keys.jobs, refused]) expect(outdated(key)).toBe(true);
    for (const key of [keys.bests(NAME), keys.trial(NAME, 2)]) expect(outdated(key)).toBe(false);
  });
});
