/** How often a model is right on data that it has not seen. Pure. */
import { percent } from "../format";

interface Known {
  trial: number;
  winner: number;
  /** Accuracy of the winner on test data, in [0, 1]; null: it was not tested. */
  testAccuracy: number | null;
  /** Accuracy of the trial on validation data, in [0, 1]; null: not known. */
  validationAccuracy: number | null;
}

export interface Quality {
  sentence: string;
  note: string;
}

const known = (share: number | null): share is number => share !== null && Number.isFinite(share);

/** What to know about an answer on a validation sample; null: nothing. */
export function validationWarning(trial: number, winner: number, trainedOnValidation: boolean): string | null {
  if (trial !== winner || !trainedOnValidation) return null;
  return `The model of trial ${trial} was trained on the validation samples too, so it knows them. Test samples are new to it.`;
}

/** "On new data, the model of trial 17 is right about 97 times in 100.", and from what that is known. */
export function qualityOf({ trial, winner, testAccuracy, validationAccuracy }: Known): Quality {
  if (trial === winner && known(testAccuracy)) {
    return {
      sentence: `On new data, the model of trial ${trial} is right about ${timesInHundred(testAccuracy)}.`,
      note: `Test accuracy ${percent(testAccuracy)}. The test data took no part in the search.`,
    };
  }
  const untested =
    trial === winner
      ? "It was not tested yet, so this may be a little too good: the search chose it by these data."
      : "Only the winner is tested, so this may be a little too good: the search compared trials by these data.";
  if (!known(validationAccuracy)) {
    return { sentence: `It is not known how often the model of trial ${trial} is right.`, note: "It was not tested." };
  }
  return {
    sentence: `On the validation data, the model of trial ${trial} is right about ${timesInHundred(validationAccuracy)}.`,
    note: `Validation accuracy ${percent(validationAccuracy)}. ${untested}`,
  };
}

/** "97 times in 100"; shares very close to 0 or 1 with a thousand. */
export function timesInHundred(share: number): string {
  const times = Math.round(share * 100);
  if (times > 0 && times < 100) return `${times} times in 100`;
  const fine = Math.round(share * 1000);
  return fine === 0 || fine === 1000 ? `${times} times in 100` : `${fine} times in 1,000`;
}
