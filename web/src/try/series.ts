// Series of numbers as they are typed: steps apart by spaces or lines, channels of a step by commas.

type Step = number | number[];

/** Reads a series; what is no number is sent as NaN would be: as null, which the server names. */
export function readSeries(text: string): (Step | null)[] {
  const number = (word: string): number | null => (word !== "" && Number.isFinite(Number(word)) ? Number(word) : null);
  return text.trim().split(/\s+/).map((step) => {
    const channels = step.split(",").filter((word) => word !== "").map(number);
    return channels.length > 1 ? (channels as number[]) : (channels[0] ?? null);
  });
}

export function seriesText(series: unknown): string {
  if (typeof series === "string") return series;
  if (!Array.isArray(series)) return "";
  return series.map((step: unknown) => (Array.isArray(step) ? step.join(",") : String(step))).join(" ");
}
