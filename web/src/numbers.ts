// How numbers, intervals and times are written.
import type { Language } from "./language.svelte.ts";

const MISSING = "–";
const STYLE = { dateStyle: "medium", timeStyle: "short" } as const;
const MOMENTS = { en: new Intl.DateTimeFormat("en-GB", STYLE), ko: new Intl.DateTimeFormat("ko-KR", STYLE) }; // slow to make

/** Writes a share in percent, with a minus that is one. */
export function percent(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return MISSING;
  return `${signed(100 * value, 1)} %`;
}

/** Writes a number with about four digits that mean something. */
export function digits(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return MISSING;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2).replace("-", "−");
  const places = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3;
  return signed(value, places);
}

function signed(value: number, places: number): string {
  return value.toFixed(places).replace("-", "−");
}

/** Writes a whole number in groups of three. */
export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? MISSING : Math.round(value).toLocaleString("en-US");
}

/** Writes seconds as 0:47, 7:03 or 1:02:03. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return MISSING;
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** Writes a size in bytes. */
export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  if (value < 1e6) return `${(value / 1e3).toFixed(1)} kB`;
  return value < 1e9 ? `${(value / 1e6).toFixed(1)} MB` : `${(value / 1e9).toFixed(1)} GB`;
}

/** Writes the day and time of an ISO date as its place reads them. */
export function moment(iso: string | null | undefined, language: Language): string {
  const date = iso ? new Date(iso) : null;
  if (date === null || Number.isNaN(date.getTime())) return MISSING;
  return MOMENTS[language].format(date);
}

/** Writes a time of a table without what is all zero: 2021-03-01T05:00:00 as 2021-03-01 05:00, midnight as its day. */
export function shortTime(text: string): string {
  const found = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(\.0+)?$/.exec(text);
  if (found === null) return text;
  const [, day = "", minute = "", second = ""] = found;
  if (second !== "" && second !== ":00") return `${day} ${minute}${second}`;
  return minute === "00:00" ? day : `${day} ${minute}`;
}
