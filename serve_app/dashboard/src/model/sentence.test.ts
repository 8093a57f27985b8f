import { expect, test } from "vitest";
import { asSentence, listed, plainText, plural, say, studyLink, trialLink, withoutStop } from "./sentence";

test("a sentence leaves out what there is nothing to say about", () => {
  const sentence = say("Trial ", { text: "17", href: "/s/a?trial=17" }, null, false, "", " leads.");
  expect(sentence).toHaveLength(3);
  expect(plainText([sentence, say("Done.")])).toBe("Trial 17 leads. Done.");
});

test("numbers have their nouns, lists their commas", () => {
  expect([plural(1, "trial"), plural(1_200, "trial"), plural(2, "study", "studies")]).toEqual([
    "1 trial",
    "1,200 trials",
    "2 studies",
  ]);
  expect([listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])]).toEqual([
    "",
    "a",
    "a and b",
    "a, b and c",
  ]);
  expect(withoutStop(" It diverged... ")).toBe("It diverged");
});

test("a text of the server is a sentence on a page", () => {
  expect(asSentence("the token is wrong")).toBe("The token is wrong.");
  expect(asSentence("Try again now.")).toBe("Try again now.");
  expect(asSentence("“Resume” continues it. Why?")).toBe("“Resume” continues it. Why?");
  expect(asSentence("")).toBe("");
});

test("addresses hold only parameters that have a value, escaped", () => {
  expect(studyLink("a b")).toBe("/s/a%20b");
  expect(studyLink("a", "trials", { status: "pruned", cause: null, sort: "" })).toBe("/s/a/trials?status=pruned");
  expect(studyLink("a", "network", { trial: [1, 2] })).toBe("/s/a/network?trial=1%2C2");
  expect(trialLink("a", 17)).toBe("/s/a?trial=17");
});
