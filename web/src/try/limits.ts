// What every panel gets: the run that is asked, and how much may be asked.
import type { Trying } from "../server/answers.ts";
import type { Studio } from "../server/shapes.ts";

export interface Panel {
  trying: Trying;
  limits: Studio["limits"];
}

/** The samples of a run that are texts. */
export function textSamples(trying: Trying): string[] {
  return trying.samples.filter((sample): sample is string => typeof sample === "string");
}
