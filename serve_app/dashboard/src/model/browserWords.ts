/** Messages of the server, which speak of requests and of the terminal, as a person reads them who has only this page. */

const RULES: readonly [RegExp, string][] = [
  [
    /^(?:study|the study) '([^']+)' already exists: choose another run_name, or (?:POST|`tuner).*$/,
    "a study named “$1” exists already: choose another name, or resume it on its page",
  ],
  [/^must be auto or the name of a study of GET \/jobs$/, "must be auto or the name of an earlier study"],
  [/^must be the name of a data set of GET \/datasets, not a path: /, "this server has no data set of this name: "],
  [
    /^is code: the operator has to list it first \(TUNER_ALLOWED_MODELS\)$/,
    "an own model is code that runs on the server: ask whoever runs the server to allow it first",
  ],
  [/^is a path of the server: only its operator can set it.*$/, "only whoever runs the server can set it"],
  [
    /\bset data_dir to a folder with (\S+?(?: and \S+?)*)(?=[.;]?$)/,
    "ask whoever runs the server to put $1 into its data folder",
  ],
  [/^choose another run_name, or POST \/jobs\/\S+\/resume$/, "choose another name, or resume it on its page"],
  [/^(?:see )?GET \/jobs(?:\/\{id\}\/trials)?$/, "see the list for those that exist"],
  [/\bPOST \/jobs\/\S+\/resume\b/, "resume it on its page"],
  [/\bPOST \/jobs\/\S+\/cancel\b/, "cancel it on its page"],
];

/** The message in words for the browser; one that has no such words stays as it is. */
export function browserWords(message: string): string {
  return RULES.reduce((text, [pattern, words]) => text.replace(pattern, words), message);
}
