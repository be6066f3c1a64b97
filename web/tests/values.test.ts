import { expect, test } from "vitest";
import { bounds, present, readValue, shownValue } from "../src/recipe/values.ts";
import type { Field } from "../src/server/shapes.ts";

const field = (type: Field["type"], more: Partial<Field> = {}): Field => ({ key: "a.b", name: "b", type, default: null, optional: false, doc: "", ...more });

test("a value that is shown and read again is the same", () => {
  const cases: [Field, unknown][] = [
    [field("integer"), 0],
    [field("number"), -1.5e-7],
    [field("number"), 3],
    [field("boolean"), false],
    [field("choice", { choices: ["lstm", "gru"] }), "gru"],
    [field("text"), "데이터/a b.csv"],
    [field("list", { of: "text" }), []],
    [field("list", { of: "text" }), ["리뷰", "제목"]],
    [field("list", { of: "text" }), ["a, b", "c"]],
    [field("list", { of: "text" }), [" spaced ", ""]],
    [field("list", { of: "number" }), [0.1, 0.5, 0.9]],
    [field("list", { of: "integer" }), [1, 2]],
  ];
  for (const [each, value] of cases) expect(readValue(each, shownValue(value))).toEqual(value);
});

test("what is no number goes to the server as it was typed, and nothing takes the key out", () => {
  expect(readValue(field("integer"), "three")).toBe("three");
  expect(readValue(field("number"), " ")).toBeUndefined();
  expect(readValue(field("choice", { choices: ["a"] }), "")).toBeUndefined();
  expect(readValue(field("list", { of: "text" }), "[broken")).toEqual(["[broken"]);
});

test("bounds are told with their signs, and a table is there when anything of it is", () => {
  expect(bounds(field("number", { minimum: 0, below: 1 }))).toBe("≥ 0, < 1");
  expect(bounds(field("text"))).toBe("");
  expect(present({ "model.encoder.kind": 1 }, "model.encoder")).toBe(true);
  expect(present({ "model.encoders": 1 }, "model.encoder")).toBe(false);
});
