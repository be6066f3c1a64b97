// Values of a recipe between a form's input fields and the numbers, texts and lists of the file.
import type { Field } from "../server/shapes.ts";

/** Writes a value into an input field. */
export function shownValue(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return simple(value) ? value.join(", ") : JSON.stringify(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Whether a list can be written with commas and read again. */
function simple(list: readonly unknown[]): boolean {
  return list.every((each) => typeof each === "number" || (typeof each === "string" && each !== "" && each.trim() === each && !/[,"[\]]/.test(each)));
}

/** Reads what was typed into a field; undefined where it is to be taken out of the recipe. */
export function readValue(field: Field, typed: string): unknown {
  const text = typed.trim();
  switch (field.type) {
    case "integer":
    case "number":
      return text === "" ? undefined : numberOr(text);
    case "boolean":
      return text === "" ? undefined : text === "true";
    case "choice":
      return text === "" ? undefined : (field.choices?.find((choice) => String(choice) === text) ?? text);
    case "list":
      return text === "" ? [] : readList(text, field.of);
    default:
      return typed;
  }
}

/** What is no number stays as it is: the server then says what was expected. */
function numberOr(text: string): number | string {
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

function readList(text: string, of = "text"): unknown[] {
  if (text.startsWith("[")) {
    try {
      const found: unknown = JSON.parse(text);
      if (Array.isArray(found)) return found;
    } catch {
      return [text]; // the server says what is wrong with it
    }
  }
  const parts = text.split(",").map((part) => part.trim()).filter((part) => part !== "");
  return of === "text" ? parts : parts.map(numberOr);
}

/** Says which numbers a field takes, such as "≥ 1, < 2". */
export function bounds(field: Field): string {
  const told = (sign: string, value: number | null | undefined): string[] => (value === null || value === undefined ? [] : [`${sign} ${value}`]);
  return [...told("≥", field.minimum), ...told(">", field.above), ...told("≤", field.maximum), ...told("<", field.below)].join(", ");
}

/** Whether anything of a table stands among the values. */
export function present(values: Record<string, unknown>, key: string): boolean {
  return key in values || Object.keys(values).some((each) => each.startsWith(`${key}.`));
}
