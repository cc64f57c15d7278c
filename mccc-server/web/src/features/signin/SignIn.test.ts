import { expect, it } from "vitest";
import { safeNext } from "./SignIn";

it("goes on only to pages of this application", () => {
  expect(safeNext("/b/biz_1/calls?call=x")).toBe("/b/biz_1/calls?call=x");
  for (const bad of [undefined, "", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:1", "/signin?next=/x"]) {
    expect(safeNext(bad), bad).toBe("/");
  }
});
