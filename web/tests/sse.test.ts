import { expect, test } from "vitest";
import { eventReader } from "../src/server/sse.ts";

const STREAM = ": hello\r\nid: 7\nevent: token\ndata: {\"text\":\"나비야 \"}\n\nevent: end\ndata: one\ndata: two\n\ndata:bare\n\nevent: no data\n\n";

test("events are the same however the stream is cut", () => {
  const whole = eventReader()(STREAM);
  expect(whole).toEqual([
    { id: "7", event: "token", data: '{"text":"나비야 "}' },
    { id: "7", event: "end", data: "one\ntwo" },
    { id: "7", event: "message", data: "bare" },
  ]);
  for (let size = 1; size <= STREAM.length; size++) {
    const read = eventReader();
    const found = [];
    for (let at = 0; at < STREAM.length; at += size) found.push(...read(STREAM.slice(at, at + size)));
    expect(found, `in pieces of ${size}`).toEqual(whole);
  }
});
