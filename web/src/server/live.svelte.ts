// A run that is being trained, as its events tell it.
import { language } from "../language.svelte.ts";
import { get } from "./client.ts";
import type { Can, Epoch, Progress, RunDetail, Status } from "./shapes.ts";

const MOST_LINES = 1000;
const BEGINNING = 1500; // milliseconds between looks at a run that has not begun

export class LiveRun {
  detail = $state.raw<RunDetail>() as RunDetail;
  epochs = $state.raw<Epoch[]>([]);
  log = $state.raw<string[]>([]);
  status = $state<Status>("created");
  progress = $state.raw<Progress | null>(null);
  can = $state.raw<Can>() as Can;
  cut = $state(false);
  #language: string = language.current;
  #timer = 0;
  #closed = false;
  #events: EventSource | null = null;
  #repeats = false; // whether the log on show is to be replaced by the events that repeat it

  constructor(detail: RunDetail) {
    this.#take(detail);
    this.#follow();
  }

  get address(): string {
    return `v1/runs/${encodeURIComponent(this.detail.id)}`;
  }

  /** Ask for the words of another language. */
  speak(spoken: string): void {
    if (spoken === this.#language) return;
    this.#language = spoken;
    void this.refresh().catch(() => (this.cut = true));
  }

  /** Ask for the run again, and listen to it where it runs. */
  async refresh(): Promise<void> {
    this.#take(await get<RunDetail>(this.address));
    this.#follow();
  }

  /** Listen to a run that is trained; look again at one that is about to be. */
  #follow(): void {
    if (this.#closed) return;
    if (this.status === "running") this.listen();
    clearTimeout(this.#timer);
    if (this.status === "created") this.#timer = setTimeout(() => void this.refresh().catch(() => (this.cut = true)), BEGINNING) as unknown as number;
  }

  /** Leave the run alone for good. */
  leave(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.close();
  }

  listen(): void {
    if (this.#events !== null) return;
    const events = new EventSource(`${this.address}/events`);
    this.#events = events;
    this.#repeats = true;
    const on = (name: string, take: (data: unknown) => void): void =>
      events.addEventListener(name, (event) => take(JSON.parse((event as MessageEvent<string>).data)));
    events.onopen = () => (this.cut = false);
    events.onerror = () => (this.cut = true);
    on("metrics", (line) => this.#takeLine(line as Epoch));
    on("reset", () => (this.epochs = []));
    on("log", (data) => this.#takeLog((data as { line: string }).line));
    on("status", (data) => this.#hear(data as Partial<RunDetail>));
    on("end", () => {
      this.close();
      void this.refresh().catch(() => (this.cut = true));
    });
  }

  close(): void {
    this.#events?.close();
    this.#events = null;
    this.cut = false;
  }

  #take(detail: RunDetail): void {
    this.detail = detail;
    this.epochs = detail.epochs;
    this.log = detail.log;
    this.#takeStatus(detail);
  }

  #takeStatus(told: Partial<RunDetail>): void {
    if (told.status !== undefined) this.status = told.status;
    if (told.progress !== undefined) this.progress = told.progress;
    if (told.can !== undefined) this.can = told.can;
  }

  /** Take an event about the run; its words are in the browser's language, so what has words is asked for in the page's. */
  #hear(told: Partial<RunDetail>): void {
    this.#takeStatus(told);
    const said = (detail: Partial<RunDetail>): string => JSON.stringify([detail.goal?.baseline, detail.goal?.value, detail.verdict?.outcome, detail.score?.value, detail.model, detail.report]);
    if (said(told) !== said(this.detail)) get<RunDetail>(this.address).then((detail) => (this.detail = detail), () => (this.cut = true));
  }

  #takeLine(line: Epoch): void {
    if (line.event !== undefined && line.event !== "epoch") return;
    this.epochs = [...this.epochs.filter((each) => each.epoch !== line.epoch), line].sort((a, b) => a.epoch - b.epoch);
  }

  #takeLog(line: string): void {
    const before = this.#repeats ? [] : this.log;
    this.#repeats = false;
    this.log = [...before, line].slice(-MOST_LINES);
  }
}
