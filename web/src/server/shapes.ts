// What the studio's server answers about runs, data, recipes and jobs.

export interface Score {
  value: number | null;
  low?: number | null;
  high?: number | null;
  name?: string;
  text?: string;
  lower_is_better?: boolean;
}

export type Outcome = "beats" | "does not beat" | "cannot tell";

export interface Verdict {
  outcome: Outcome;
  against: string;
  metric: string;
  difference: Score;
  name?: string;
  sentence?: string;
  lead?: string;
}

export type Status = "created" | "running" | "paused" | "interrupted" | "done" | "failed" | "damaged";

export interface Studio {
  version: string;
  language: string;
  runs: string;
  data: string;
  device: string;
  tasks: string[];
  limits: { upload_bytes: number; compared: number; characters: number; tokens: number };
}

export interface Entry {
  id: string;
  status: Status;
  task: string | null;
  recipe: string | null;
  model: string | null;
  data: string | null;
  metric: string | null;
  score: Score | null;
  verdict: Verdict | null;
  created: string | null;
  finished: string | null;
  seconds: number | null;
  report: boolean;
}

export interface Epoch {
  event?: string;
  epoch: number;
  step?: number;
  loss?: number | null;
  validation?: Record<string, number | null>;
  rate?: number;
  tokens_per_second?: number;
  elapsed_seconds?: number;
  best?: boolean;
}

export interface Goal {
  baseline: string;
  name: string;
  metric: string;
  metric_name: string;
  value: number;
  text: string;
  lower_is_better: boolean;
}

export interface Progress {
  epoch: number | null;
  epochs: number | null;
  step: number | null;
  steps: number | null;
  seconds_left: number | null;
}

export interface Can {
  stop: boolean;
  resume: boolean;
  remove: boolean;
  try: boolean;
}

export interface Evaluation {
  metric?: string;
  rows?: number;
  scores?: Record<string, Score>;
  baselines?: { name: string; title?: string; scores: Record<string, Score>; verdict?: Verdict }[];
  verdict?: Verdict;
}

export interface RunDetail extends Entry {
  record: Record<string, unknown>;
  command: string;
  recipe_toml: string;
  resolved_toml: string;
  epochs: Epoch[];
  baselines: { baseline: string; name: string; validation?: Record<string, number> }[];
  goal: Goal | null;
  progress: Progress | null;
  test: Evaluation | null;
  log: string[];
  error: { kind: string; message: string } | null;
  can: Can;
  members: unknown[] | null;
}

export interface Compared {
  run: string;
  recipe: string;
  model: string;
  status: string;
  seed: number | null;
  metric: string;
  score?: Score | null;
  verdict?: Verdict | null;
  rows: number | null;
  train_seconds: number | null;
  peak_memory_mb: number | null;
  parameters: number | null;
}

export interface Comparison {
  runs: Compared[];
  pairs: { run: string; against: string; metric: string; rows: number | null; difference: Score; outcome: Outcome; mcnemar_p_holm?: number | null }[];
  settings: Record<string, Record<string, string>>;
  same_test_rows: boolean;
  curves: Record<string, { epoch: number; seconds: number | null; value: number | null }[]>;
  metric: string;
  metric_name?: string;
}

export interface DataFile {
  id: string;
  name: string;
  bytes: number;
  modified: string;
  uploaded: boolean;
}

export interface DataSet {
  id: string;
  name: string;
  task: string;
  title: string;
  licence: string;
  here: boolean;
  built_in: boolean;
}

export interface Rows {
  columns: string[];
  rows: (string | number | null)[][];
  text: string | null;
}

export interface Field {
  key: string;
  name: string;
  type: "integer" | "number" | "text" | "boolean" | "choice" | "list" | "table" | "union" | "tables";
  default: unknown;
  optional: boolean;
  doc: string;
  minimum?: number | null;
  maximum?: number | null;
  above?: number | null;
  below?: number | null;
  choices?: string[] | null;
  fields?: Field[];
  variants?: Record<string, Field[]>;
  of?: string;
}

export interface Resolution {
  name: string;
  task: string;
  values: Record<string, { value: unknown; origin: string }>;
  resolved_toml: string;
  command: string | null;
}

export interface Job {
  job: string;
  name: string;
  status: "starting" | "running" | "ended" | "failed";
  run: string | null;
  started: string;
  exit_code: number | null;
  message: string | null;
  lines: string[];
}
