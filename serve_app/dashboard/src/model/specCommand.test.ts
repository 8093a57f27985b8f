import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { assignments, commandOf, shellQuoted } from "./specCommand";
import cases from "./specCommand.cases.json";
import type { SpecBody } from "./specDraft";
import { OPTIONS } from "./specSample";

// tests/serve_app/test_dashboard_command.py reads these arguments back into the same studies.
test.each(cases)("$arguments", ({ spec, arguments: expected }) => {
  expect(assignments(spec as unknown as SpecBody, OPTIONS)).toEqual(expected);
});

test("the command is quoted where the shell needs it", () => {
  expect(commandOf({}, OPTIONS)).toBe("tuner run dataset=digits");
  expect(commandOf({ trials: 8, space: { batch_size: [32, 64] } }, OPTIONS)).toBe(
    "tuner run dataset=digits trials=8 'space.batch_size=[32,64]'",
  );
});

test("a shell reads every word back unchanged", () => {
  const words = ["a b", "it's", "$HOME", "`id`", 'say "hi"', "a\\b", "new\nline", "x;y&z|w", "*?[a]", "größe", "", "#"];
  const line = words.map(shellQuoted).join(" ");
  const read = execFileSync("/bin/sh", ["-c", `printf '%s\\0' ${line}`], { encoding: "utf8" });
  expect(read.split("\0").slice(0, -1)).toEqual(words);
  expect(shellQuoted("dataset=mnist")).toBe("dataset=mnist");
});
