// The journeys of a newcomer through the real program in a real browser: `npm run e2e [JOURNEY…]`. MCCC_BIN names the
// program where it is not the one that `cargo build` makes.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { Broken } from "./check.mjs";
import { JOURNEYS } from "./journeys.mjs";
import { start } from "./server.mjs";

const target = process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL("../../../target", import.meta.url));
const binary = process.env.MCCC_BIN ?? ["mccc", "mccc-server"].map((name) => join(target, "debug", name)).find(existsSync);
if (!binary) {
  console.error("there is no program to test: run `cargo build -p mccc-server` first, or name one with MCCC_BIN");
  process.exit(2);
}
const only = process.argv.slice(2);
const output = process.env.MCCC_TEST_OUTPUT ?? join(target, "mccc-test-output", "web");
mkdirSync(output, { recursive: true });

const server = await start(binary);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  // Root has no sandbox in containers; and a browser under test has nobody to tell anything.
  args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
});
const desk = await browser.newContext({ viewport: { width: 1280, height: 800 }, permissions: ["clipboard-write", "clipboard-read"] });
const complaints = [];

/** A page that reports whatever a person would not see but ought not to happen. */
async function open(context, path = "/") {
  const page = await context.newPage();
  page.setDefaultTimeout(12_000);
  page.on("pageerror", (error) => complaints.push(`script error: ${error.message}`));
  page.on("console", (one) => {
    if (one.type() === "error" && !/Failed to load resource/.test(one.text())) complaints.push(`console: ${one.text()}`);
  });
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith("http") && origin !== server.base) complaints.push(`asked another host: ${request.url()}`);
  });
  await page.goto(server.base + path);
  return page;
}

const world = { server, browser, desk, open, output, shot: (page, name) => page.screenshot({ path: join(output, `${name}.png`) }) };
let failures = 0;
for (const [name, journey] of Object.entries(JOURNEYS)) {
  // Signing in is what the others stand on.
  if (only.length > 0 && name !== "sign in" && !only.includes(name)) continue;
  const began = Date.now();
  const pages = new Set();
  const watched = { ...world, open: async (...args) => {
    const page = await open(...args);
    pages.add(page);
    return page;
  } };
  complaints.length = 0;
  try {
    await journey(watched);
    if (complaints.length > 0) throw new Broken(complaints.join("\n      "));
    console.log(`ok    ${name} (${Date.now() - began} ms)`);
  } catch (error) {
    failures += 1;
    console.log(`FAIL  ${name}\n      ${error instanceof Broken ? error.message : error.stack}`);
    let number = 0;
    for (const page of pages) {
      number += 1;
      if (page.isClosed()) continue;
      const path = join(output, `failed-${name.replaceAll(/\W+/g, "-")}-${number}.png`);
      await page.screenshot({ path }).catch(() => undefined);
      // What a broken journey left half done is no business of the next.
      await page.evaluate(() => localStorage.clear()).catch(() => undefined);
    }
  }
  for (const page of pages) await page.close().catch(() => undefined);
}
await browser.close();
const { code, said } = await server.stop();
if (code !== 0) {
  failures += 1;
  console.log(`FAIL  the program ended with ${code}\n${said.slice(-2_000)}`);
}
console.log(failures === 0 ? "all journeys passed" : `${failures} failed`);
process.exit(failures === 0 ? 0 : 1);
