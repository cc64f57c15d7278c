// The picture in the README: the real program after its first missed calls. `npm run picture` after `cargo build`.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { start } from "./server.mjs";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
const binary = process.env.MCCC_BIN ?? ["mccc", "mccc-server"].map((name) => join(target, "debug", name)).find(existsSync);
const folder = join(root, "docs", "pictures");
mkdirSync(folder, { recursive: true });

const server = await start(binary);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-background-networking"],
});
try {
  const desk = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
  const page = await desk.newPage();
  await page.goto(server.link);
  await page.waitForURL(/\/calls/);
  const id = /\/b\/([^/]+)\//.exec(page.url())[1];
  const ask = async (method, path, data) => {
    const response = await desk.request.fetch(`${server.base}/api/v1${path}`, { method, data, headers: { origin: server.base } });
    if (!response.ok()) throw new Error(`${method} ${path} answered ${response.status()}`);
    return response.status() === 204 ? null : response.json();
  };
  const { lines, callers } = await ask("GET", "/sandbox");
  const to = lines[0].phone;
  const paint = async (method) => {
    const { version, cells } = await ask("GET", `/businesses/${id}/routing-rules`);
    const all = cells.map(({ day, start_time }) => ({ day, start_time, routing_method: method }));
    await ask("PUT", `/businesses/${id}/routing-rules`, { version, cells: all });
  };
  const ring = async (from, message_seconds) => {
    const call = await ask("POST", "/sandbox/calls", { from, to });
    if (call.state !== "ended") await ask("POST", `/sandbox/calls/${call.id}/hangup`, { seconds: 31, message_seconds });
  };
  await paint("voicemail");
  await ring(callers[3].phone, 24);
  await paint("both");
  await ring(callers[2].phone, 17);
  await paint("auto_text_only");
  await ring(callers[1].phone);
  await ring(callers[0].phone);
  await page.getByText("Delivered").nth(1).waitFor();
  await ask("POST", "/sandbox/texts", { from: callers[0].phone, to, body: "Hi, my water heater is leaking. Can somebody come today?" });
  const row = page.locator(".call-link", { hasText: callers[0].phone.slice(-4) });
  await row.click();
  await page.getByRole("button", { name: "Thread" }).click();
  // The machine answers within seconds; then a person takes over.
  await page.locator('.message[data-author="machine"]').nth(1).waitFor();
  await page.getByRole("button", { name: "Take over" }).click();
  await page.getByLabel("Your text").fill("Hi, this is Mike. I can be there around 4. Please shut the valve above the heater.");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.locator(".bubble", { hasText: "around 4" }).waitFor();
  // The simulated carrier takes a moment.
  await page.locator("aside").getByText("Delivered").nth(1).waitFor();
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.mouse.move(2, 2);
    await page.screenshot({ path: join(folder, `calls-${colorScheme}.png`), animations: "disabled" });
  }
} finally {
  await browser.close();
  await server.stop();
}
