// Colors of numbers: shares from paper to one color, signed numbers between two.

type Color = [red: number, green: number, blue: number];

/** Reads a color of the style sheet, such as #2b6cb0. */
export function parsed(hex: string): Color {
  const number = Number.parseInt(hex.replace("#", ""), 16);
  return [(number >> 16) & 255, (number >> 8) & 255, number & 255];
}

/** Mixes so much of one color into another. */
export function mixed(from: Color, to: Color, part: number): Color {
  const share = Math.min(1, Math.max(0, part));
  return [0, 1, 2].map((place) => Math.round((from[place] ?? 0) + share * ((to[place] ?? 0) - (from[place] ?? 0)))) as Color;
}

/** Returns the pixels (T columns × U rows, RGBA) of numbers given step by step. */
export function pixels(steps: readonly (readonly number[])[], colors: { paper: Color; high: Color; low: Color }, signed: boolean): Uint8ClampedArray<ArrayBuffer> {
  const width = steps.length;
  const height = steps[0]?.length ?? 0;
  const most = signed ? Math.max(1e-9, ...steps.map((step) => Math.max(...step.map(Math.abs)))) : 1;
  const found = new Uint8ClampedArray(4 * width * height);
  steps.forEach((step, x) => {
    step.forEach((value, y) => {
      const color = mixed(colors.paper, value < 0 ? colors.low : colors.high, Math.abs(value) / most);
      found.set([...color, 255], 4 * (y * width + x));
    });
  });
  return found;
}
