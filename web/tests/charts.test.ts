import { expect, test } from "vitest";
import { mixed, parsed, pixels } from "../src/charts/grid.ts";
import { aligned, axis } from "../src/charts/lines.ts";
import { pieces } from "../src/charts/spans.ts";
import { placed } from "../src/charts/tree.ts";

test("lines keep every point at its x, and nothing elsewhere", () => {
  const lines = [{ name: "a", points: [[3, 30], [1, 10]] as const }, { name: "b", points: [[2, null], [3, 5]] as const }];
  expect(aligned(lines)).toEqual([[1, 2, 3], [10, null, 30], [null, null, 5]]);
});

test("an axis holds what it is for, and its ticks are even", () => {
  for (const [low, high] of [[0, 1], [-3.7, 12.2], [313, 373.9], [5, 5], [0, 0], [1e-6, 3e-6], [-1e9, 2e9]] as const) {
    const found = axis(low, high);
    expect(found.low).toBeLessThanOrEqual(low);
    expect(found.high).toBeGreaterThanOrEqual(high);
    expect(found.ticks.length).toBeGreaterThan(1);
    expect(found.ticks.length).toBeLessThan(13);
    const steps = found.ticks.slice(1).map((tick, place) => tick - (found.ticks[place] ?? 0));
    for (const step of steps) expect(step / (steps[0] ?? 1)).toBeCloseTo(1, 6);
    expect(new Set(found.ticks.map((tick) => tick.toFixed(found.digits))).size).toBe(found.ticks.length);
  }
});

test("the pieces of a text are the text, whatever the spans; places count characters", () => {
  const text = "😀김철수는 서울에 <b>산다</b>";
  const marks = [{ start: 1, end: 4, label: "PER" }, { start: 6, end: 8, label: "LOC" }, { start: 2, end: 7, label: "over" }, { start: 90, end: 99, label: "beyond" }, { start: -5, end: 0, label: "before" }];
  const found = pieces(text, marks);
  expect(found.map((piece) => piece.text).join("")).toBe(text);
  expect(found.filter((piece) => piece.label !== null).map((piece) => [piece.label, piece.text])).toEqual([["PER", "김철수"], ["LOC", "서울"]]);
});

test("the chosen path of a beam is marked, or what leads to the best end", () => {
  const node = (parent: number | null, score: number, outcome: string | null = null) => ({ parent, token: "t", score, outcome });
  const levels = [[node(null, -1), node(null, -2)], [node(1, -2.1), node(0, -2.5, "end")]];
  const best = (columns: ReturnType<typeof placed>) => columns.map((column) => column.map((each) => each.best));
  expect(best(placed(levels))).toEqual([[true, false], [false, true]]);
  expect(best(placed(levels, [1, 0]))).toEqual([[false, true], [true, false]]);
  expect(placed([])).toEqual([]);
});

test("colors go from paper to full, and signs have colors of their own", () => {
  const [paper, high, low] = [parsed("#ffffff"), parsed("#2b6cb0"), parsed("#c2571a")];
  expect(high).toEqual([0x2b, 0x6c, 0xb0]);
  expect(mixed(paper, high, 0)).toEqual(paper);
  expect(mixed(paper, high, 2)).toEqual(high);
  expect([...pixels([[0, 1], [-1, 0.5]], { paper, high, low }, true)]).toEqual([...paper, 255, ...low, 255, ...high, 255, ...mixed(paper, high, 0.5), 255]);
});
