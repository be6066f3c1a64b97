// One question at a time to a run: the answer, what went wrong, and whether it is still thinking.
import { abandoned, post } from "../server/client.ts";

export class Asking<T> {
  answer = $state.raw<T | null>(null);
  error = $state.raw<unknown>(null);
  busy = $state(false);
  #turn = new AbortController();

  /** Ask, and forget what was asked before; return the answer, or null where there was none. */
  async ask(question: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
    this.#turn.abort();
    const turn = new AbortController();
    this.#turn = turn;
    this.busy = true;
    this.error = null;
    try {
      const answer = await question(turn.signal);
      if (turn.signal.aborted) return null;
      this.answer = answer;
      return answer;
    } catch (error) {
      if (!abandoned(error)) {
        this.answer = null;
        this.error = error;
      }
      return null;
    } finally {
      if (this.#turn === turn) this.busy = false;
    }
  }

  post(path: string, body: unknown): Promise<T | null> {
    return this.ask((signal) => post<T>(path, body, { signal }));
  }

  stop(): void {
    this.#turn.abort();
    this.busy = false;
  }
}

/** The address of a run's route. */
export function routeOf(run: string, route: string): string {
  return `v1/runs/${encodeURIComponent(run)}/${route}`;
}
