import { expect, test } from "vitest";
import { address, parseRoute } from "../src/route.ts";

test("an address is read as it was written", () => {
  for (const name of ["리뷰-0001", "a/b", "100%", "?x=1#", "<img src=x>", " "]) {
    for (const query of [{}, { recipe: name }, { from: "a&b=c", recipe: "+" }]) {
      expect(parseRoute(address("run", [name, "two"], query))).toEqual({ page: "run", names: [name, "two"], query });
    }
  }
});

test("no address is the page of runs, and a broken one is read as it stands", () => {
  expect(parseRoute("")).toEqual({ page: "runs", names: [], query: {} });
  expect(parseRoute("#/")).toEqual({ page: "runs", names: [], query: {} });
  expect(parseRoute("#/run/%E0%A4").names).toEqual(["%E0%A4"]);
});
