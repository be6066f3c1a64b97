// What trained runs answer, and what can be seen inside of them.

export interface Trying {
  run: string;
  task: string;
  asks: string[];
  reads: "texts" | "series" | "measurements" | "prompt" | "pair" | "picture";
  labels: string[];
  samples: unknown[];
  facts: Record<string, unknown>;
}

export interface Labelled {
  label?: string;
  confidence?: number;
  labels?: string[];
  value?: number;
  probabilities?: Record<string, number>;
}

export interface Translated {
  answer: string;
  confidence: number | null;
  unknown?: unknown;
  tokens: string[];
  log_probs: number[];
  source_tokens: string[];
  attention: number[][] | null;
  alternatives: { text: string; score: number; log_prob: number }[];
}

export interface Span {
  start: number;
  end: number;
  text: string;
  label: string;
  confidence?: number;
}

export interface Tagged {
  text?: string;
  tokens: string[];
  tags: string[];
  ranges?: [number, number][];
  confidences?: (number | null)[];
  spans: Span[];
}

/** One way to tell what spoke for an answer, and how far it can be trusted. */
export interface Reading {
  method: string;
  name?: string;
  scores: number[];
  trust: "trusted" | "untrusted" | "open"; // open: chance can do as well
  deletion: { shares: number[]; values: number[]; random: number[]; area: number; random_area: number };
}

export interface Explained {
  text: string;
  shown: string;
  target: string;
  unit: string;
  tokens: { text: string; start: number; end: number }[];
  methods: Reading[];
  best: string;
}

export interface BeamNode {
  parent: number | null;
  token: string;
  score: number;
  outcome: string | null;
}

export interface History {
  columns: Record<string, (string | number | null)[]>;
  start: string;
  every: string;
  time: string;
  targets: string[];
  known: string[];
  series: string[];
  truth: Record<string, (number | null)[]> | null;
  reads: number;
  horizon: number;
}

export interface Foretold {
  time: string;
  column: string;
  forecast: number;
  [bound: string]: string | number;
}

export interface Captioned {
  answer: string;
  confidence: number | null;
  tokens: string[];
  log_probs: number[];
  attention: number[][][] | null;
  words?: { word: string; chance: number }[];
  alternatives?: { text: string; score: number; log_prob: number }[];
}

export interface Similar {
  score: number;
  matches?: boolean | null;
  probability?: number | null;
  degree?: number | null;
}

export interface InsideLayer {
  place: number;
  cell: string;
  direction: string;
  hidden_size: number;
}

export interface Insides {
  tokens: string[];
  layers: InsideLayer[];
  layer: number;
  cell: string;
  direction: string;
  units: number[];
  units_of?: number;
  kept: number[][] | null;
  written: number[][] | null;
  let_out: number[][] | null;
  state: number[][];
  memory: number[][] | null;
  mean: { kept: number[] | null; written: number[] | null; let_out: number[] | null };
  change: number[];
}

export interface EmbeddingMap {
  method: string;
  share: number | null;
  points: { text: string; x: number; y: number; group: number }[];
}
