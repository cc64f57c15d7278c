// Pictures of every page in every size and colour, from fixtures: `node e2e/shots.mjs FOLDER [PAGE…]` after a build.
import { createReadStream, existsSync, mkdirSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import axe from "axe-core";
import { chromium } from "playwright-core";
import { BUSINESS, NOW, answerTo } from "./fixtures.mjs";

const [folder = "shots", ...only] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });

const KINDS = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const server = createServer((request, response) => {
  const path = new URL(request.url, "http://x").pathname;
  const file = path.startsWith("/assets/") ? join("dist", path) : "dist/index.html";
  if (!existsSync(file)) return response.writeHead(404).end();
  response.writeHead(200, {
    "content-type": KINDS[extname(file)],
    "content-security-policy":
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'",
  });
  createReadStream(file).pipe(response);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const base = `http://127.0.0.1:${server.address().port}`;
const of = (path) => `/b/${BUSINESS}/${path}`;
const paint = (key) => async (page) => {
  await page.locator('[data-index="70"]').focus();
  for (const each of ["Shift+ArrowRight", "Shift+ArrowDown", "Shift+ArrowDown", key]) await page.keyboard.press(each);
};

const PAGES = {
  signin: { path: "/signin" },
  calls: { path: of("calls") },
  detail: { path: of("calls?call=call_2") },
  thread: { path: of("calls?call=call_2&tab=thread") },
  why: { path: of("calls?call=call_2&tab=why") },
  inbox: { path: of("inbox") },
  draft: { path: of("inbox?thread=conv_draft") },
  draftedit: { path: of("inbox?thread=conv_draft"), act: (page) => page.getByRole("button", { name: "Edit before send" }).click() },
  routing: { path: of("routing") },
  popover: { path: of("routing"), act: paint("Enter") },
  painted: { path: of("routing"), act: paint("3") },
  preset: { path: of("routing"), act: (page) => page.getByText("Business Hours Preset").click() },
  calendar: { path: of("calendar") },
  appointment: { path: of("calendar?open=appt_1") },
  discard: {
    path: of("calendar"),
    act: async (page) => {
      await page.getByRole("button", { name: "Book", exact: true }).click();
      await page.getByLabel("Customer’s name").fill("Jo");
      await page.keyboard.press("Escape");
    },
  },
  setting: {
    path: of("calls"),
    act: async (page) => {
      await page.keyboard.press("Control+k");
      await page.keyboard.type("emerg");
    },
  },
  calloff: { path: of("calendar?open=appt_1"), act: (page) => page.getByRole("button", { name: "Cancel…" }).click() },
  appointments: { path: of("calendar?tab=list") },
  booking: { path: of("calendar?tab=settings") },
  calendars: { path: of("calendar?tab=settings"), act: (page) => page.getByRole("button", { name: "Choose calendars" }).click() },
  newcalendar: {
    path: of("calendar?tab=settings"),
    // By the keyboard alone: the choices are one group.
    act: async (page) => {
      await page.getByRole("button", { name: "Choose calendars" }).click();
      await page.getByRole("radio", { name: /^sam@example.com/ }).focus();
      for (let n = 0; n < 2; n += 1) await page.keyboard.press("ArrowDown");
      await page.getByRole("button", { name: "Create this calendar" }).waitFor();
    },
  },
  calcom: { path: of("calendar?tab=settings"), act: (page) => page.getByRole("button", { name: "Connect Cal.com" }).click() },
  others: { path: of("calendar?tab=settings"), act: (page) => page.getByRole("button", { name: "Add a calendar" }).click() },
  templates: { path: of("templates"), act: (page) => page.locator(".text-phone-bubble").waitFor() },
  night: { path: of("templates?hours=after_hours"), act: (page) => page.locator(".text-phone-bubble").waitFor() },
  faq: { path: of("faq?topic=Permits") },
  notifications: { path: of("notifications") },
  connect: { path: of("connect"), act: (page) => page.getByText("Google Voice").first().click() },
  simulator: { path: of("simulator") },
  status: { path: of("calls"), act: (page) => page.locator(".rail-status").click() },
  more: { path: of("calls"), sizes: ["phone"], act: (page) => page.getByRole("button", { name: "More", exact: true }).click() },
  palette: { path: of("calls"), act: (page) => page.keyboard.press("Control+k") },
};
const SIZES = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
let failed = false;
for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ["light", "dark"]) {
    const small = size === "phone";
    const context = await browser.newContext({ viewport, colorScheme, hasTouch: small, isMobile: small, reducedMotion: "reduce", timezoneId: "America/Chicago" });
    for (const [name, { path, act, sizes }] of Object.entries(PAGES)) {
      if ((only.length > 0 && !only.includes(name)) || sizes?.includes(size) === false) continue;
      const say = (words) => console.log(size, colorScheme, name, words);
      const page = await context.newPage();
      page.setDefaultTimeout(8_000);
      await page.clock.setFixedTime(NOW);
      page.on("console", (one) => {
        if (one.type() === "error" && !one.text().includes("Failed to load resource")) say(one.text());
      });
      page.on("pageerror", (error) => {
        failed = true;
        say(error.message);
      });
      await page.route("**/api/v1/**", (route) => {
        const { pathname, search } = new URL(route.request().url());
        if (pathname.endsWith("/events")) {
          return route.fulfill({ status: 200, contentType: "text/event-stream", body: ": ok\n\n" });
        }
        const found = answerTo(route.request().method(), pathname, search, route.request().postDataJSON());
        return found ? route.fulfill({ json: found }) : route.fulfill({ status: 404, json: { title: "not found", status: 404 } });
      });
      await page.goto(base + path);
      await page.waitForSelector("h1", { state: "attached" });
      await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
      try {
        await act?.(page);
      } catch (error) {
        failed = true;
        say(String(error).slice(0, 300));
      }
      await page.waitForTimeout(250);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (wide > 0) say(`is ${wide}px too wide`);
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
      for (const violation of violations) {
        failed = true;
        say(`${violation.id}: ${violation.nodes.map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).slice(0, 4).join(" | ")}`);
      }
      await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`) });
      await page.close();
    }
    await context.close();
  }
}
await browser.close();
server.close();
process.exit(failed ? 1 : 0);
