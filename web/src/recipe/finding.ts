// Which settings of a form are shown.
import type { Field } from "../server/shapes.ts";

export interface Finding {
  text: string;
  onlyGiven: boolean;
  given: ReadonlySet<string>;
}

/** Whether a setting, or one inside of it, is looked for. */
export function matching(field: Field, finding: Finding): boolean {
  const inner = [...(field.fields ?? []), ...Object.values(field.variants ?? {}).flat()];
  if (inner.length > 0) return (finding.text === "" && !finding.onlyGiven) || inner.some((each) => matching(each, finding));
  if (finding.onlyGiven && !finding.given.has(field.key)) return false;
  return `${field.key} ${field.doc}`.toLowerCase().includes(finding.text.toLowerCase().trim());
}
