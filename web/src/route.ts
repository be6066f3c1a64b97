// Addresses of the page: #/PAGE/NAME?key=value, each part escaped.

export interface Route {
  page: string;
  names: string[];
  query: Record<string, string>;
}

/** Reads an address; what cannot be unescaped stays as it is. */
export function parseRoute(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const parts = path.split("/").filter((part) => part !== "").map(unescaped);
  return {
    page: parts[0] ?? "runs",
    names: parts.slice(1),
    query: Object.fromEntries(new URLSearchParams(search)),
  };
}

/** Writes the address of a page. */
export function address(page: string, names: string[] = [], query: Record<string, string> = {}): string {
  const search = new URLSearchParams(query).toString();
  const path = [page, ...names].map(encodeURIComponent).join("/");
  return `#/${path}${search ? `?${search}` : ""}`;
}

function unescaped(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
