/** Texts of the server as the pages say them. */
import { percent } from "./format";

const NAMES: Record<string, string> = {
  val_accuracy: "validation accuracy",
  test_accuracy: "test accuracy",
  total_score: "total score",
  val_balanced_accuracy: "balanced accuracy",
  val_macro_f1: "macro F1 score",
  overall_health: "overall health",
};
const SHARE = new RegExp(
  `\\b(${[...Object.keys(NAMES), "accuracy"].join("|")})( of| is|:|) ([01]\\.\\d+)(?!\\d|\\.\\d|\\s?%)`,
  "g",
);

/** The text with shares in percent, as everywhere on the pages: "val_accuracy 0.9757" → "validation accuracy 97.6 %". */
export function inPercent(text: string): string {
  return text.replace(SHARE, (_, name: string, between: string, share: string) => {
    return `${NAMES[name] ?? name}${between} ${percent(Number(share))}`;
  });
}
