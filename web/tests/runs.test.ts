import { expect, test } from "vitest";
import { bytes, digits, duration, percent, shortTime } from "../src/numbers.ts";
import type { Entry } from "../src/server/shapes.ts";
import { filtered, sorted } from "../src/sorting.ts";
import { readSeries, seriesText } from "../src/try/series.ts";

const run = (id: string, more: Partial<Entry> = {}): Entry => ({ id, status: "done", task: "classify", recipe: "r", model: "LSTM", data: "리뷰.csv", metric: "accuracy", score: { value: 0.5 }, verdict: null, created: "2026-01-01", finished: null, seconds: null, report: false, ...more });

test("every word of a filter must be somewhere, in any case and composition", () => {
  const runs = [run("리뷰-0001"), run("song-0002", { data: "song.txt", model: "GRU", task: "generate" })];
  const ids = (text: string, more = {}) => filtered(runs, { text, task: "", status: "", ...more }).map((each) => each.id);
  expect(ids("리뷰".normalize("NFD"))).toEqual(["리뷰-0001"]);
  expect(ids("gru SONG")).toEqual(["song-0002"]);
  expect(ids("gru lstm")).toEqual([]);
  expect(ids("", { task: "classify" })).toEqual(["리뷰-0001"]);
  expect(ids("", { status: "failed" })).toEqual([]);
});

test("runs without a score come last either way", () => {
  const runs = [run("a", { score: null }), run("b", { score: { value: 0.9 } }), run("c", { score: { value: 0.1 } })];
  expect(sorted(runs, "score", true).map((each) => each.id)).toEqual(["b", "c", "a"]);
  expect(sorted(runs, "score", false).map((each) => each.id)).toEqual(["c", "b", "a"]);
});

test("numbers are written as people read them", () => {
  expect([percent(0.861), percent(-0.0312), percent(null), percent(Number.NaN)]).toEqual(["86.1 %", "−3.1 %", "–", "–"]);
  expect([digits(1234.5), digits(12.345), digits(0.00001234), digits(-0.5)]).toEqual(["1235", "12.35", "1.23e−5", "−0.500"]);
  expect([duration(47), duration(423), duration(3723), duration(null)]).toEqual(["0:47", "7:03", "1:02:03", "–"]);
  expect([bytes(999), bytes(1234), bytes(12_345_678)]).toEqual(["999 B", "1.2 kB", "12.3 MB"]);
  expect([shortTime("2021-03-01T00:00:00"), shortTime("2021-03-01 05:30"), shortTime("2021-03-01T00:00:07"), shortTime("어제")]).toEqual(["2021-03-01", "2021-03-01 05:30", "2021-03-01 00:00:07", "어제"]);
});

test("a series that is written and read again is the same", () => {
  for (const series of [[1, 2.5, -3e-4], [[1, 2], [3, 4]]]) expect(readSeries(seriesText(series))).toEqual(series);
  expect(readSeries("1 x")).toEqual([1, null]);
});
