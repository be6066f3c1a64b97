// The names of scores and baselines, and how a score is written: as in the reports.
import type { Score, Verdict } from "./server/shapes.ts";
import { digits, percent } from "./numbers.ts";
import { named, say, type Word } from "./words/say.ts";

const SHARES = new Set([
  "accuracy", "micro_f1", "macro_f1", "exact_match", "mean_average_precision", "calibration_error", "coverage_80", "coverage_90",
  "chrf", "bleu", "bleu_1", "bleu_2", "bleu_3", "rouge_1", "rouge_2", "rouge_l", "character_error_rate", "word_error_rate",
  "span_f1", "span_f1_relaxed", "roc_area", "average_precision", "recall_1", "recall_5", "recall_10", "precision", "recall",
]);
const WITHOUT_SIGN = new Set(["chrf", "bleu", "bleu_1", "bleu_2", "bleu_3", "rouge_1", "rouge_2", "rouge_l"]);
const LESS_IS_BETTER = new Set([
  "loss", "log_loss", "calibration_error", "mae", "rmse", "median_absolute_error", "mase", "mae_scaled", "mse_scaled", "smape", "pinball",
  "perplexity", "bits_per_byte", "bits_per_character", "nats_per_token", "character_error_rate", "word_error_rate",
]);

export function metricName(metric: string): string {
  const name = named("metric", metric);
  return name === metric ? metric.replaceAll("_", " ") : name;
}

export function baselineName(name: string): string {
  return named("baseline", name);
}

export function isShare(metric: string): boolean {
  return SHARES.has(metric);
}

export function isError(metric: string): boolean {
  return LESS_IS_BETTER.has(metric);
}

/** Writes one value of a score. */
export function level(metric: string, value: number | null | undefined): string {
  if (!isShare(metric)) return digits(value);
  const text = percent(value);
  return WITHOUT_SIGN.has(metric) ? text.replace(" %", "") : text;
}

/** Names a score as the server does, or by the table. */
export function scoreName(metric: string, score: Score | null | undefined): string {
  return score?.name ?? metricName(metric);
}

/** Writes a score with the ends of its interval. */
export function interval(metric: string, score: Score | null | undefined): string {
  if (!score) return "–";
  if (score.text !== undefined) return score.text;
  const text = level(metric, score.value);
  const { low, high } = score;
  if (low === null || low === undefined || high === null || high === undefined) return text;
  const ends = [low, high].map((end) => level(metric, end).replace(" %", ""));
  return `${text} (${ends.join(low < 0 ? " … " : "–")})`;
}

/** Writes how far one score is from another, always signed; shares in percentage points. */
export function difference(metric: string, found: Score): string {
  const part = (value: number): string => {
    const size = isShare(metric) ? (100 * Math.abs(value)).toFixed(1) : digits(Math.abs(value));
    return `${value < 0 ? "−" : "+"}${size}`;
  };
  if (found.value === null) return "–";
  const { low, high } = found;
  const ends = low === null || low === undefined || high === null || high === undefined ? "" : ` (${part(low)} … ${part(high)})`;
  return isShare(metric) ? say("points", { value: `${part(found.value)}${ends}` }) : `${part(found.value)}${ends}`;
}

export function verdictText(verdict: Verdict): string {
  const word = `verdict-${verdict.outcome.replaceAll(" ", "-")}` as Word;
  return say(word, { against: verdict.name ?? baselineName(verdict.against) });
}

export function verdictTone(verdict: Verdict | null | undefined): "good" | "bad" | "open" {
  if (!verdict || verdict.outcome === "cannot tell") return "open";
  return verdict.outcome === "beats" ? "good" : "bad";
}
