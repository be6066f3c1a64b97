// Where the nodes of a beam search are drawn: one column a step, the best of each step on top.
import type { BeamNode } from "../server/answers.ts";

export interface Placed {
  node: BeamNode;
  x: number;
  y: number;
  from: Placed | null;
  best: boolean;
}

/** Places every node and marks the chosen path: its place in each level, or what leads to the best node of all. */
export function placed(levels: readonly (readonly BeamNode[])[], chosen: readonly number[] | null = null): Placed[][] {
  const columns: Placed[][] = [];
  levels.forEach((level, x) => {
    const before = columns[x - 1] ?? [];
    columns.push(level.map((node, y) => ({ node, x, y, from: node.parent === null ? null : (before[node.parent] ?? null), best: false })));
  });
  if (chosen !== null) {
    chosen.forEach((y, x) => {
      const at = columns[x]?.[y];
      if (at !== undefined) at.best = true;
    });
    return columns;
  }
  for (let at = winner(columns); at !== null; at = at.from) at.best = true;
  return columns;
}

function winner(columns: readonly Placed[][]): Placed | null {
  const ended = columns.flat().filter((each) => each.node.outcome !== null);
  const candidates = ended.length > 0 ? ended : (columns.at(-1) ?? []);
  return candidates.reduce<Placed | null>((best, each) => (best === null || each.node.score > best.node.score ? each : best), null);
}
