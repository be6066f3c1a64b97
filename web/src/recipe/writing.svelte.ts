// A recipe that is being written: its text, what the server reads in it, and the form that changes it.
import { abandoned, get, post, Refused } from "../server/client.ts";
import type { Field, Resolution } from "../server/shapes.ts";
import { saveDraft } from "./draft.ts";

interface Wrong {
  message: string;
  line: number | null;
  key: string | null;
}

const PAUSE = 350; // milliseconds without a key before the text is read

export class Writing {
  toml = $state("");
  name = $state("");
  from = $state<string | null>(null);
  found = $state.raw<Resolution | null>(null);
  fields = $state.raw<Field[]>([]);
  wrong = $state.raw<Wrong | null>(null);
  checking = $state(false);
  #timer = 0;
  #asking = new AbortController();
  #task = "";
  #edits: Promise<void> = Promise.resolve();

  constructor(toml: string, name: string, from: string | null) {
    this.toml = toml;
    this.name = name;
    this.from = from;
    void this.#read();
  }

  /** Take what was typed into the text. */
  typed(toml: string): void {
    this.toml = toml;
    this.#keep();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#read(), PAUSE) as unknown as number;
  }

  rename(name: string): void {
    this.name = name;
    this.#keep();
  }

  /** Write one value of the form into the text; undefined takes it out. One after another, so that none is lost. */
  set(key: string, value: unknown): Promise<void> {
    this.#edits = this.#edits.then(() => this.#set(key, value));
    return this.#edits;
  }

  async #set(key: string, value: unknown): Promise<void> {
    const change = value === undefined ? { set: {}, unset: [key] } : { set: { [key]: value }, unset: [] };
    try {
      const { toml } = await post<{ toml: string }>("v1/recipes/edit", { toml: this.toml, ...change });
      this.toml = toml;
      this.#keep();
      await this.#read();
    } catch (error) {
      this.#refused(error);
    }
  }

  async #read(): Promise<void> {
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    this.checking = true;
    try {
      const found = await post<Resolution>("v1/recipes/resolution", { toml: this.toml, name: this.name || "draft" }, { signal });
      if (found.task !== this.#task) {
        this.fields = (await get<{ fields: Field[] }>(`v1/recipes/schema?task=${encodeURIComponent(found.task)}`, { signal })).fields;
        this.#task = found.task;
      }
      this.found = found;
      this.wrong = null;
    } catch (error) {
      if (abandoned(error)) return;
      this.#refused(error);
    }
    this.checking = false;
  }

  #refused(error: unknown): void {
    const { line = null, key = null } = error instanceof Refused ? error.details : {};
    this.wrong = { message: error instanceof Error ? error.message : String(error), line, key };
  }

  #keep(): void {
    saveDraft({ toml: this.toml, name: this.name, ...(this.from === null ? {} : { from: this.from }) });
  }
}
