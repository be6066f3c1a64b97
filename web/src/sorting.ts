// Which runs a filter leaves, and in which order.
import type { Entry } from "./server/shapes.ts";

export type Order = "created" | "id" | "status" | "task" | "data" | "score" | "verdict";

export interface Filter {
  text: string;
  task: string;
  status: string;
}

/** Returns the runs of which every word of the filter is somewhere in the name, model, data or recipe. */
export function filtered(runs: readonly Entry[], filter: Filter): Entry[] {
  const words = folded(filter.text).split(/\s+/).filter((word) => word !== "");
  return runs.filter((run) => {
    if (filter.task !== "" && run.task !== filter.task) return false;
    if (filter.status !== "" && run.status !== filter.status) return false;
    const text = folded([run.id, run.model, run.data, run.recipe].join(" "));
    return words.every((word) => text.includes(word));
  });
}

/** Returns the runs in an order; those without what it goes by come last. */
export function sorted(runs: readonly Entry[], order: Order, down: boolean): Entry[] {
  const sign = down ? -1 : 1;
  return [...runs].sort((a, b) => {
    const [first, second] = [sortKey(a, order), sortKey(b, order)];
    if (first === null || second === null) return Number(first === null) - Number(second === null);
    if (first === second) return 0;
    return first < second ? -sign : sign;
  });
}

function sortKey(run: Entry, order: Order): string | number | null {
  switch (order) {
    case "score":
      return run.score?.value ?? null;
    case "verdict":
      return run.verdict ? ["beats", "cannot tell", "does not beat"].indexOf(run.verdict.outcome) : null;
    default:
      return run[order];
  }
}

function folded(text: string): string {
  return text.normalize("NFC").toLowerCase();
}
