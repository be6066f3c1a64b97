// Lines over a common axis, as the plot wants them.

export interface Line {
  name: string;
  points: readonly (readonly [x: number, y: number | null])[];
  dash?: boolean;
}

/** Returns the union of all x, ascending, and for every line its y there, or null. */
export function aligned(lines: readonly Line[]): [number[], ...(number | null)[][]] {
  const xs = [...new Set(lines.flatMap((line) => line.points.map(([x]) => x)))].sort((a, b) => a - b);
  const ys = lines.map((line) => {
    const found = new Map(line.points);
    return xs.map((x) => found.get(x) ?? null);
  });
  return [xs, ...ys];
}

/** Returns a scale from values to places, and round numbers to write beside it. */
export function axis(low: number, high: number, wanted = 5): { low: number; high: number; ticks: number[]; digits: number } {
  const span = high - low || Math.abs(high) || 1;
  const rough = span / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough) ?? 10 * power;
  const first = Math.floor(low / step) * step;
  const last = Math.ceil((low + span) / step) * step;
  const ticks = Array.from({ length: Math.round((last - first) / step) + 1 }, (_, place) => Number((first + place * step).toPrecision(12)));
  return { low: first, high: last, ticks, digits: Math.max(0, Math.min(9, -Math.floor(Math.log10(step) + 1e-9) + (step / power === 2.5 ? 1 : 0))) };
}
