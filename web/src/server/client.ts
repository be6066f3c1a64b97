// Asks the studio's server; what it refuses comes as `Refused`, in its own words.
import { language } from "../language.svelte.ts";
import { say } from "../words/say.ts";
import { eventReader, type Told } from "./sse.ts";

/** What a refusal tells beside its message; of recipes also the line and the key. */
interface Details {
  where?: string;
  line?: number | null;
  key?: string | null;
}

export class Refused extends Error {
  readonly status: number;
  readonly details: Details;

  constructor(status: number, message: string, details: Details = {}) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

/** Says in one line what went wrong, whatever was thrown. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether an error only says that nobody waits for the answer any more. */
export function abandoned(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

async function refusal(response: Response): Promise<Refused> {
  const text = await response.text();
  try {
    const { error } = JSON.parse(text) as { error: Details & { message: string } };
    return new Refused(response.status, error.message, error);
  } catch {
    return new Refused(response.status, say("answered-with", { status: response.status }));
  }
}

async function ask(path: string, options: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {
      credentials: "same-origin",
      ...options,
      headers: { "Accept-Language": language.current, ...options.headers },
    });
  } catch (error) {
    if (abandoned(error)) throw error;
    throw new Refused(0, say("not-reached"));
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

async function json<T>(response: Response): Promise<T> {
  return (response.status === 204 ? null : await response.json()) as T;
}

export interface Asking {
  signal?: AbortSignal;
}

export async function get<T>(path: string, asking: Asking = {}): Promise<T> {
  return json<T>(await ask(path, asking));
}

export async function send<T>(method: "POST" | "PUT" | "DELETE", path: string, body?: unknown, asking: Asking = {}): Promise<T> {
  return json<T>(await ask(path, { method, ...asking, ...packed(body) }));
}

export async function post<T>(path: string, body?: unknown, asking: Asking = {}): Promise<T> {
  return send<T>("POST", path, body, asking);
}

function packed(body: unknown): RequestInit {
  if (body === undefined) return {};
  return { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
}

/** Sends a file as it is; `onPart` hears how much of it has gone. */
export function upload<T>(path: string, file: Blob, onPart: (part: number) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch cannot tell how much has been sent
    request.open("POST", path);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("Accept-Language", language.current);
    request.upload.onprogress = (event) => event.lengthComputable && onPart(event.loaded / event.total);
    request.onerror = () => reject(new Refused(0, say("not-reached")));
    request.onload = () => {
      const response = new Response(request.responseText, { status: request.status });
      if (response.ok) json<T>(response).then(resolve, reject);
      else void refusal(response).then(reject);
    };
    request.send(file);
  });
}

/** Asks with a body and hands on each event of the answer as it comes. */
export async function stream(path: string, body: unknown, onEvent: (told: Told) => void, asking: Asking = {}): Promise<void> {
  const response = await ask(path, { method: "POST", ...asking, ...packed(body) });
  if (response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const read = eventReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const told of read(value)) onEvent(told);
  }
}
