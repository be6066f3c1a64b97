// Reads server-sent events out of a stream of text that may break anywhere.

export interface Told {
  id: string;
  event: string;
  data: string;
}

/** Returns a function that takes the next piece of text and returns the events that it completes. */
export function eventReader(): (piece: string) => Told[] {
  let rest = "";
  let id = "";
  let event = "";
  let data: string[] = [];

  function take(line: string, found: Told[]): void {
    if (line === "") {
      if (data.length > 0) found.push({ id, event: event || "message", data: data.join("\n") });
      event = "";
      data = [];
      return;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return; // a comment keeps the connection alive
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") data.push(value);
    else if (name === "event") event = value;
    else if (name === "id") id = value;
  }

  return (piece) => {
    const found: Told[] = [];
    const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) take(line, found);
    return found;
  };
}
