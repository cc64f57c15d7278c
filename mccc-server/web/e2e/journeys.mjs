// What people do with the pages. Each journey says what it promises; later ones build on what earlier ones left.
import { eventually, must, sound, visible } from "./check.mjs";

const CALLS = /\/b\/[^/]+\/calls/;
const caller = (last) => `+1512555${last}`;

/** The API as the signed-in person, for what the other side of a story does. */
async function ask({ server, desk }, method, path, data) {
  const response = await desk.request.fetch(`${server.base}/api/v1${path}`, {
    method,
    data,
    headers: { origin: server.base },
  });
  must(response.ok(), `${method} ${path} answered ${response.status()}: ${await response.text()}`);
  const text = await response.text();
  return text === "" ? null : JSON.parse(text);
}

async function sandbox(world) {
  const { lines, callers } = await ask(world, "GET", "/sandbox");
  return { line: lines[0].phone, callers: callers.map((one) => one.phone) };
}

/** A caller rings, hears what there is to hear and hangs up. */
async function ring(world, from) {
  const { line } = await sandbox(world);
  const call = await ask(world, "POST", "/sandbox/calls", { from, to: line });
  const recording = call.heard.some((heard) => heard.kind === "record");
  if (call.state !== "ended") {
    await ask(world, "POST", `/sandbox/calls/${encodeURIComponent(call.id)}/hangup`, {
      after_seconds: 9,
      ...(recording ? { message_seconds: 0 } : {}),
    });
  }
  return call;
}

async function textsOf(world, from) {
  return (await ask(world, "GET", `/sandbox/phone/${encodeURIComponent(from)}`)).texts;
}

const business = (page) => /\/b\/([^/]+)\//.exec(page.url())[1];
const at = (page, path) => page.goto(page.url().replace(/(\/b\/[^/]+\/).*/, `$1${path}`));
const cell = (page, index) => page.locator(`[data-index="${index}"]`);

/** Gives the whole week one method, as a person would save it. */
async function paintAll(world, id, method) {
  const rules = await ask(world, "GET", `/businesses/${id}/routing-rules`);
  await ask(world, "PUT", `/businesses/${id}/routing-rules`, {
    version: rules.version,
    cells: rules.cells.map(({ day, start_time }) => ({ day, start_time, routing_method: method })),
  });
}

export const JOURNEYS = {
  async "sign in"({ server, desk, open, shot }) {
    const page = await open(desk, "/");
    await page.waitForURL(/\/signin/);
    await page.getByRole("button", { name: "Sign in" }).click();
    await visible(page.getByText("Enter your e-mail address."));
    await page.getByLabel("E-mail").fill("nobody@example.com");
    await page.getByLabel("Password", { exact: true }).fill("wrong password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await visible(page.getByText("E-mail and password do not match."));
    must((await page.getByLabel("E-mail").inputValue()) === "nobody@example.com", "a wrong password empties the form");
    await sound(page, "sign-in");
    await shot(page, "signin");

    await page.goto(server.link);
    await page.waitForURL(CALLS);
    await visible(page.getByRole("heading", { name: "Calls", exact: true }));
    await page.goto(server.link);
    await visible(page.getByText("That sign-in link was already used or is too old."), "a link works once");
  },

  async "the first page is empty and says what to do"({ desk, open, shot }) {
    const page = await open(desk);
    await page.waitForURL(CALLS);
    await visible(page.getByRole("heading", { name: "No missed calls yet" }));
    await visible(page.getByRole("link", { name: "Make a Test Call" }));
    await visible(page.getByText("Recovery Rate"));
    await sound(page, "empty calls");
    await shot(page, "calls-empty");
    await page.getByRole("link", { name: "Make a Test Call" }).click();
    await page.waitForURL(/\/simulator/);
  },

  async "a missed call is answered, texted, replied to and recorded"(world) {
    const { desk, open, shot } = world;
    const page = await open(desk);
    await page.waitForURL(CALLS);
    await paintAll(world, business(page), "auto_text_only");

    await page.getByRole("link", { name: "Phone simulator" }).click();
    const phone = page.getByRole("region", { name: "The caller’s phone" });
    const yours = page.getByRole("region", { name: "What you see" });
    await visible(yours.getByText("Nothing yet."));
    await phone.getByRole("button", { name: "Call", exact: true }).click();
    await visible(phone.getByRole("list", { name: "Speaking" }).getByRole("listitem"), "what the caller hears");
    await visible(yours.getByText("Auto-Text"), "the call on the contractor's side");
    const hangUp = phone.getByRole("button", { name: "Hang up" });
    if (await hangUp.isVisible()) await hangUp.click();
    await visible(phone.getByText("Call ended"));

    await phone.getByRole("button", { name: /^Messages/ }).click();
    const texts = phone.getByRole("list", { name: "Messages" });
    await visible(texts.getByText(/Reply STOP to opt out/), "the auto-text on the phone");
    await shot(page, "simulator-texted");
    await phone.getByLabel("Text message").fill("Do you work on weekends?");
    await phone.getByRole("button", { name: "Send text" }).click();
    await visible(texts.getByText("Do you work on weekends?"));
    await visible(yours.getByText("Do you work on weekends?"), "the reply on the contractor's side, by itself");
    await sound(page, "simulator");
    await shot(page, "simulator");
  },

  async "a call shows its story, its thread and its reasons"(world) {
    const { desk, open, shot } = world;
    const page = await open(desk);
    await page.waitForURL(CALLS);
    const row = await visible(page.locator(".call-link"), "the call");
    await shot(page, "calls");
    await sound(page, "calls");
    await row.click();
    await page.waitForURL(/call=call_/);
    const detail = page.getByRole("complementary");
    await visible(detail.getByRole("heading", { name: "What happened" }));
    must((await detail.locator(".timeline li").count()) >= 3, "the timeline has its steps");
    await sound(page, "call detail");
    await shot(page, "call-story");

    await detail.getByRole("button", { name: "Why?" }).click();
    await visible(detail.getByText("Decided"), "the rule that won");
    must((await detail.locator(".trace li").count()) >= 2, "the rules that lost are shown, too");
    await visible(detail.getByText("The caller has not opted out of your texts"), "what a text that went out had to pass");
    must((await detail.locator(".checks-list li").count()) > 20, "every check of a text that went out is shown");
    must((await detail.getByText("stopped the text").count()) === 0, "none of them stopped it");
    await sound(page, "why");
    await shot(page, "call-why");

    await detail.getByRole("button", { name: "Thread" }).click();
    await visible(detail.getByText("Do you work on weekends?"));
    await visible(detail.getByText("Delivered"), "the delivery state of the text");

    // A person takes over, answers, and hands back.
    await detail.getByRole("button", { name: "Take over" }).click();
    await visible(detail.getByText("You are answering"));
    const composer = detail.getByLabel("Your text");
    await composer.fill("Yes, on Saturdays until two.");
    await visible(detail.getByText("28 characters · 1 segment"));
    await detail.getByRole("button", { name: "Send", exact: true }).click();
    await visible(detail.locator(".bubble", { hasText: "Yes, on Saturdays until two." }));
    const { callers } = await sandbox(world);
    await eventually(
      async () => (await textsOf(world, callers[0])).some((text) => text.body.includes("on Saturdays until two")),
      "the answer arrives on the caller's phone",
    );
    must((await composer.inputValue()) === "", "a sent text leaves the field");
    await detail.getByRole("button", { name: "Hand back" }).click();
    await visible(detail.getByText("AI Active"));
    await sound(page, "thread");
    await shot(page, "call-thread");

    // What is typed outlives a reload.
    await composer.fill("One more thing");
    await page.reload();
    await eventually(
      async () => (await page.getByLabel("Your text").inputValue()) === "One more thing",
      "an unsent text comes back after a reload",
    );
    await page.getByLabel("Your text").fill("");
  },

  async "a callback is ticked off"(world) {
    const { desk, open, shot } = world;
    const { line, callers } = await sandbox(world);
    const page = await open(desk);
    await page.waitForURL(CALLS);
    await page.locator(".call-link").first().click();
    await ask(world, "POST", "/sandbox/texts", { from: callers[0], to: line, body: "Please have somebody call me back." });
    const tasks = page.getByRole("region", { name: "Waiting for you" });
    await visible(tasks.getByText(/asks to be called/), "a wish for a call raises a task");
    await sound(page, "call with a task");
    await shot(page, "call-task");
    const open_tasks = await tasks.getByRole("button", { name: "Done" }).count();
    for (let left = open_tasks; left > 0; left -= 1) await tasks.getByRole("button", { name: "Done" }).first().click();
    await eventually(async () => (await tasks.getByRole("button", { name: "Done" }).count()) === 0, "the task is done");
    await page.reload();
    await visible(page.getByRole("heading", { name: "What happened" }));
    await eventually(async () => (await page.getByRole("button", { name: "Done" }).count()) === 0, "it stays done");
  },

  async "calls arrive while the page is open"(world) {
    const { desk, open } = world;
    const page = await open(desk);
    await page.waitForURL(CALLS);
    await visible(page.locator(".call-link"));
    const before = await page.locator(".call-link").count();
    const { line, callers } = await sandbox(world);
    await ring(world, callers[1]);
    await eventually(async () => (await page.locator(".call-link").count()) === before + 1, "the new call slides in");
    await eventually(
      async () => /New call from/.test(await page.locator('[role="status"]').allTextContents().then((all) => all.join())),
      "and is announced",
    );
    // Nobody touches the page: the reply shows on the row by itself.
    const from = callers[1];
    const row = page.locator(".call-link", { hasText: from.slice(-4) }).first();
    must(!/asks to be called/.test(await row.innerText()), "nobody has replied yet");
    await ask(world, "POST", "/sandbox/texts", { from, to: line, body: "Please have somebody call me back." });
    await eventually(async () => /asks to be called/.test(await row.innerText()), "the reply shows without a reload");
  },

  async "STOP means stop, visibly"(world) {
    const { desk, open, shot } = world;
    const { line, callers } = await sandbox(world);
    const from = callers[0];
    await ask(world, "POST", "/sandbox/texts", { from, to: line, body: "STOP" });
    const page = await open(desk);
    await page.waitForURL(CALLS);
    const row = page.locator(".call-link", { hasText: from.slice(-4) });
    await (await visible(row)).click();
    const detail = page.getByRole("complementary");
    await detail.getByRole("button", { name: "Thread" }).click();
    await visible(detail.getByText("Opted Out"));
    must(await detail.getByLabel("Your text").isDisabled(), "the composer is closed");
    await sound(page, "opted-out thread");
    await shot(page, "call-opted-out");

    const before = (await textsOf(world, from)).filter((text) => text.direction === "inbound").length;
    await ring(world, from);
    await eventually(async () => /Text not sent/.test(await row.first().innerText()), "the next call is not texted");
    await row.first().click();
    await detail.getByRole("button", { name: "Why?" }).click();
    await visible(detail.getByText("stopped the text"), "the check that stopped it is named");
    must((await detail.locator(".checks-list li").count()) >= 5, "every check of the text is shown");
    await shot(page, "call-why-stopped");
    const after = (await textsOf(world, from)).filter((text) => text.direction === "inbound").length;
    must(after === before, "no text reached the phone after STOP");
  },

  async "filters live in the address"({ desk, open, shot }) {
    const page = await open(desk);
    await page.waitForURL(CALLS);
    await visible(page.locator(".call-link"));
    await page.getByLabel("Method", { exact: true }).selectOption("voicemail");
    await page.waitForURL(/method=voicemail/);
    await visible(page.getByRole("heading", { name: "No calls match your filters" }));
    await visible(page.getByText("Filtered"), "the figures say that they are filtered");
    const missed = page.getByRole("region", { name: "Key figures" }).locator(".kpi").first();
    await eventually(async () => (await missed.locator(".kpi-value").innerText()) === "0", "and are those of the filter");
    await sound(page, "no match");
    await shot(page, "calls-no-match");
    const shared = page.url();
    await page.getByRole("button", { name: "Clear All Filters" }).last().click();
    await visible(page.locator(".call-link"));
    await eventually(async () => Number(await missed.locator(".kpi-value").innerText()) > 0, "all time has figures");
    await page.goto(shared);
    await visible(page.getByRole("heading", { name: "No calls match your filters" }));
    await page.getByRole("button", { name: "Clear All Filters" }).first().click();
    await page.getByLabel("Period").selectOption("custom");
    await page.getByLabel("From").fill("2026-02-02");
    await page.getByLabel("To", { exact: true }).fill("2026-02-01");
    await visible(page.getByText("Start date must be before end date."));
    await page.getByRole("button", { name: "Clear All Filters" }).first().click();
    await visible(page.locator(".call-link"));
  },

  async "everything works from the keyboard"({ desk, open }) {
    const page = await open(desk);
    await page.waitForURL(CALLS);
    await visible(page.locator(".call-link"));
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    const second = await page.locator(".call-link").nth(1).getAttribute("data-call");
    must((await page.evaluate(() => document.activeElement.dataset.call)) === second, "j walks down the list");
    await page.keyboard.press("k");
    await page.keyboard.press("Enter");
    await page.waitForURL(/call=call_/);
    await page.keyboard.press("r");
    await page.waitForURL(/tab=thread/);
    await page.keyboard.press("Escape");
    await page.locator("body").click({ position: { x: 4, y: 4 } });
    await page.keyboard.press("Escape");
    await eventually(() => !page.url().includes("call="), "Escape closes the call");
    await page.keyboard.press("/");
    must(await page.evaluate(() => document.activeElement.hasAttribute("data-search")), "/ goes to the search");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await visible(page.getByRole("dialog", { name: "Keyboard shortcuts" }));
    await sound(page, "shortcuts");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: /Search a caller/ }).fill("rout");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/routing/);
  },

  async "a repainted schedule decides about the next call"(world) {
    const { desk, open, shot } = world;
    const page = await open(desk);
    await page.waitForURL(CALLS);
    await at(page, "routing");
    await visible(cell(page, 16));
    must((await page.getByRole("gridcell").count()) === 336, "336 half hours");
    const save = page.getByRole("button", { name: "Save Changes" });
    must(await save.isDisabled(), "nothing to save yet");
    await sound(page, "routing");
    await shot(page, "routing");

    // With the mouse: drag, choose, see it unsaved, undo, redo.
    await cell(page, 48 + 18).scrollIntoViewIfNeeded();
    const from = await cell(page, 48 + 18).boundingBox();
    const to = await cell(page, 3 * 48 + 21).boundingBox();
    await page.mouse.move(from.x + 10, from.y + 10);
    await page.mouse.down();
    await page.mouse.move(to.x + 10, to.y + 10, { steps: 8 });
    await page.mouse.up();
    const popover = page.getByRole("dialog", { name: "Set routing for 12 cells" });
    await visible(popover);
    await sound(page, "method popover");
    await shot(page, "routing-popover");
    await page.keyboard.press("Escape");
    must((await page.getByRole("gridcell", { selected: true }).count()) === 0, "Escape lets the selection go");
    must(await save.isDisabled(), "and changes nothing");
    await cell(page, 48 + 18).click();
    await page.keyboard.press("Escape");
    await cell(page, 2 * 48 + 19).click({ modifiers: ["Shift"] });
    await page.getByRole("dialog", { name: "Set routing for 4 cells" }).getByRole("button", { name: /^Both/ }).click();
    await visible(page.getByText("4 half hours changed"));
    await page.getByRole("button", { name: "Undo" }).click();
    must(await save.isDisabled(), "undo takes it back");
    await page.getByRole("button", { name: "Redo" }).click();

    // With the keyboard: the whole week becomes voicemail.
    await cell(page, 0).focus();
    for (let i = 0; i < 6; i += 1) await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("Shift+End");
    await page.keyboard.press("4");
    await visible(page.getByText("336 half hours changed"));
    const side = page.getByRole("region", { name: "In words" });
    await visible(side.getByText("Every day, all day"));

    // Before saving, the page knows what would happen.
    const asks = page.getByRole("region", { name: "What would happen…" });
    await asks.getByRole("button", { name: "Show me" }).click();
    await visible(asks.locator(".what-if-method", { hasText: "Voicemail" }));
    await shot(page, "routing-what-if");

    // A reload and a hasty click lose nothing.
    page.once("dialog", (dialog) => void dialog.accept());
    await page.reload();
    await visible(page.getByText("These are changes you had not saved"));
    await page.getByRole("link", { name: /^Calls/ }).click();
    const leaving = page.getByRole("dialog", { name: "You have unsaved routing changes. Leave without saving?" });
    await visible(leaving);
    await leaving.getByRole("button", { name: "Stay" }).click();
    must(page.url().includes("/routing"), "staying stays");

    await save.click();
    await visible(page.getByText("Routing rules updated. Changes take effect immediately."));
    await visible(page.getByText(/^Last saved: /));
    await page.reload();
    await eventually(
      async () => (await cell(page, 100).getAttribute("aria-label"))?.endsWith("Voicemail"),
      "the saved schedule comes back",
    );

    const call = await ring(world, caller("0131"));
    must(call.heard.some((heard) => heard.kind === "record"), "the very next caller can leave a message");
  },

  async "two people change the schedule"(world) {
    const { desk, open } = world;
    const page = await open(desk);
    await page.waitForURL(CALLS);
    await at(page, "routing");
    await cell(page, 20).focus();
    await page.keyboard.press("5");
    await visible(page.getByText("1 half hour changed"));
    await paintAll(world, business(page), "auto_text_only");
    await page.getByRole("button", { name: "Save Changes" }).click();
    await visible(page.getByText("Somebody else saved this schedule meanwhile."));
    await page.getByRole("button", { name: "Load theirs" }).click();
    await eventually(
      async () => (await cell(page, 20).getAttribute("aria-label"))?.endsWith("Auto-Text"),
      "their schedule is shown",
    );
  },

  async "presets and special dates"(world) {
    const { desk, open, shot } = world;
    const page = await open(desk);
    await page.waitForURL(CALLS);
    await at(page, "routing");
    await page.getByRole("button", { name: /Business Hours Preset/ }).click();
    const hours = page.getByRole("dialog", { name: "Configure Business Hours Routing" });
    await visible(hours.getByText("100 half hours will change their method"));
    await sound(page, "preset");
    await shot(page, "routing-preset");
    await hours.getByRole("button", { name: "Apply" }).click();
    await visible(page.getByText("100 half hours changed"));
    await page.getByRole("button", { name: /After Hours Preset/ }).click();
    await visible(page.getByText("You have unsaved changes. Applying a preset will overwrite them. Continue?"));
    await page.getByRole("button", { name: "Apply Preset" }).click();
    await page.getByRole("dialog", { name: "Configure After Hours Routing" }).getByRole("button", { name: "Apply" }).click();
    const dates = page.getByRole("region", { name: "Special dates" });
    await dates.getByLabel("Date").fill("2020-01-01");
    await dates.getByRole("button", { name: "Add date" }).click();
    await visible(dates.getByText("The date must be today or later."));
    await dates.getByLabel("Date").fill("2099-12-25");
    await dates.getByLabel("Name (optional)").fill("Christmas");
    await dates.getByRole("button", { name: "Add date" }).click();
    await visible(dates.getByText("Christmas"));
    await page.keyboard.press("Control+s");
    await visible(page.getByText("Routing rules updated."));
    await page.reload();
    await visible(page.getByRole("region", { name: "Special dates" }).getByText("Christmas"));

    // The page knows what would happen then; and a special date of today governs the next call.
    const asks = page.getByRole("region", { name: "What would happen…" });
    await asks.getByLabel("Date").fill("2099-12-25");
    await asks.getByLabel("Time").fill("10:30");
    await asks.getByRole("button", { name: "Show me" }).click();
    await visible(asks.getByText(/Date override/).first(), "the special date decides on its day");
    await visible(asks.locator(".what-if-method", { hasText: "Voicemail" }));
    await shot(page, "routing-dates");
    must((await ring(world, caller("0132"))).heard.every((heard) => heard.kind !== "reject"), "today is no special date yet");
    const today = await dates.getByLabel("Date").getAttribute("min");
    await dates.getByLabel("Date").fill(today);
    await dates.getByLabel("Method", { exact: true }).selectOption("off");
    await dates.getByRole("button", { name: "Add date" }).click();
    await page.getByRole("button", { name: "Save Changes" }).click();
    await visible(page.getByText("Routing rules updated."));
    const refused = await ring(world, caller("0133"));
    must(refused.heard.some((heard) => heard.kind === "reject"), "on a special date that is off nobody answers");
    await dates.getByRole("button", { name: /^Remove/ }).first().click();
    await page.getByRole("button", { name: "Save Changes" }).click();
    await visible(page.getByText(/^Last saved: /));
    await eventually(
      async () => (await ring(world, caller("0134"))).heard.every((heard) => heard.kind !== "reject"),
      "without it the week decides again",
    );
  },

  async "the phone is connected in three steps"({ desk, open, shot }) {
    const page = await open(desk);
    await page.waitForURL(CALLS);
    await at(page, "connect");
    await visible(page.getByRole("heading", { name: "Connect Your Phone in 3 Steps." }));
    const get = page.getByRole("button", { name: "Get my forwarding number" });
    if (await get.isVisible()) await get.click();
    await visible(page.getByLabel("Your Forwarding Number"));
    must(/^\+1 \(\d{3}\) \d{3}-\d{4}$/.test(await page.getByLabel("Your Forwarding Number").inputValue()), "the number");
    const google = page.getByRole("radio", { name: /Google Voice/ });
    await google.click({ force: true });
    must((await page.locator(".step-list li").count()) === 5, "five steps for Google Voice");
    await sound(page, "connect");
    await shot(page, "connect");
    const test = page.getByRole("button", { name: "Test My Forwarding" });
    must(await test.isDisabled(), "no test before the steps are done");
    await page.getByLabel("I've completed the steps above").check();
    await test.click();
    await visible(page.getByText("Forwarding detected! Your setup is complete."), "the test succeeds");
    await visible(page.getByText("Connected", { exact: true }));
    await shot(page, "connect-done");
    await page.getByRole("button", { name: /working|needs a look/i }).click();
    await visible(page.getByRole("dialog", { name: "Is everything working?" }));
    await sound(page, "status");
    await shot(page, "status");
  },

  async "a person tests the forwarding with another phone"(world) {
    const { desk, open, shot } = world;
    const page = await open(desk);
    await page.waitForURL(CALLS);
    await at(page, "connect");
    await page.getByLabel("I've completed the steps above").check();
    await page.getByRole("button", { name: "I call it myself" }).click();
    const from = page.getByLabel("The phone you will call from");
    const test = page.getByRole("button", { name: /^(Test My Forwarding|Re-Test)$/ });
    await from.fill("12");
    await test.click();
    await visible(page.locator(".field-error"), "a number that is none is refused");
    await from.fill("(512) 555-0177");
    await test.click();
    await visible(page.getByText(/^Now call \(\d{3}\) .* and let it ring\.$/), "what to do now");
    await sound(page, "forwarding test");
    await shot(page, "connect-you-call");
    await ring(world, caller("0177"));
    await visible(page.getByText("Forwarding detected! Your setup is complete."), "the person's call is recognised");
    await at(page, "calls");
    const rows = page.locator(".call-link", { hasText: "555-0177" });
    await visible(page.locator(".call-link"));
    for (const row of await rows.allInnerTexts()) must(/Test/.test(row), `a test call is no customer: ${row}`);
  },

  async "a verification code is shown apart"(world) {
    const { desk, open, shot } = world;
    const { line } = await sandbox(world);
    const page = await open(desk);
    await page.waitForURL(CALLS);
    await visible(page.locator(".call-link"));
    const waiting = await page.title();
    await ask(world, "POST", "/sandbox/texts", {
      from: "+18885550100",
      to: line,
      body: "482910 is your Google Voice verification code. Don't share it.",
    });
    const card = page.getByRole("group", { name: "Your phone company sent a verification code" });
    await visible(card.getByText("482910", { exact: true }), "the code on the page of calls, by itself");
    must((await page.title()) === waiting, "nobody is waiting for an answer");
    await sound(page, "code");
    await at(page, "connect");
    await visible(card.getByText("482910", { exact: true }), "and where the steps ask for it");
    await card.getByRole("button", { name: "Copy the code 482910" }).click();
    await visible(card.getByText("Copied"));
    must((await page.evaluate(() => navigator.clipboard.readText())) === "482910", "the code can be pasted");
    await sound(page, "code on connect");
    await shot(page, "connect-code");
    await card.getByRole("button", { name: "Done" }).click();
    await eventually(async () => (await card.count()) === 0, "a used code goes away");
  },

  async "a business without a phone uses the number directly"(world) {
    const { desk, open, shot } = world;
    const page = await open(desk);
    await page.waitForURL(CALLS);
    await at(page, "connect");
    await page.getByRole("radio", { name: /I don't have a business phone yet/ }).click({ force: true });
    await visible(page.getByRole("heading", { name: "Use your number" }));
    await visible(page.getByLabel("Your Business Number"));
    must((await page.getByRole("button", { name: "Test My Forwarding" }).count()) === 0, "nothing forwards, nothing to test");
    await sound(page, "direct number");
    await shot(page, "connect-direct");
    await page.reload();
    await visible(page.getByRole("heading", { name: "Try it" }), "the choice is kept");
    await page.getByRole("radio", { name: /Google Voice/ }).click({ force: true });
    await visible(page.getByRole("button", { name: "Test My Forwarding" }), "and can be taken back");
    await visible(page.getByText("Not tested yet"), "then it has to be tested");
  },

  async "questions are answered from what the owner wrote"({ desk, open, shot }) {
    const page = await open(desk);
    await page.waitForURL(CALLS);
    await page.getByRole("link", { name: "FAQ" }).click();
    await visible(page.getByRole("heading", { name: "No questions yet" }));
    await sound(page, "empty FAQ");
    await shot(page, "faq-empty");
    const ask = page.getByRole("region", { name: "Try a question" });
    const put = async (question) => {
      await ask.getByLabel("A caller writes").fill(question);
      await ask.getByRole("button", { name: "See the answer" }).click();
    };
    await put("who takes care of the permit?");
    await visible(ask.getByText("No answer from here"), "nothing is guessed");
    await put("are you open on saturday?");
    await visible(ask.getByText("Answered from FAQ: your hours"), "hours answer themselves");

    await page.getByRole("button", { name: "Add a question" }).click();
    const save = page.getByRole("button", { name: "Save Changes" });
    await save.click();
    await visible(page.getByText("Give it a topic."), "what is missing is said at its field");
    await page.getByLabel("Topic").fill("Permits");
    await page.getByLabel("Question", { exact: true }).fill("Do you pull permits?");
    await page.getByLabel("Answer", { exact: true }).fill("Yes, we take care of the permit with the city.");
    await page.getByRole("button", { name: "Add another way to ask" }).click();
    await page.keyboard.type("Who gets the permit?");
    await put("who takes care of the permit?");
    await visible(ask.getByText("Answered from FAQ: Permits"), "what is not saved can be tried");
    await visible(ask.getByText("Yes, we take care of the permit with the city."));
    await visible(ask.getByText(/They meet in .*permit/), "and says why");
    await sound(page, "FAQ");
    await shot(page, "faq");

    // A reload and a hasty click lose nothing.
    page.once("dialog", (dialog) => void dialog.accept());
    await page.reload();
    await visible(page.getByText("These are changes you had not saved"));
    await page.getByRole("link", { name: /^Calls/ }).click();
    await page.getByRole("dialog", { name: /You have unsaved changes/ }).getByRole("button", { name: "Stay" }).click();
    await page.getByRole("button", { name: "Add a question" }).click();
    await page.getByLabel("Topic").fill("Warranty");
    await page.getByLabel("Question", { exact: true }).fill("Is there a warranty?");
    await page.getByLabel("Answer", { exact: true }).fill("One year on labour.");
    await page.getByRole("button", { name: "Move up" }).click();
    await page.getByRole("textbox", { name: "Services" }).fill("drain cleaning, water heaters");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Control+s");
    await visible(page.getByText("Saved. Changes take effect immediately."));
    await page.reload();
    const topics = page.locator(".faq-topic");
    await eventually(async () => (await topics.allInnerTexts()).join() === "Warranty,Permits", "saved, in the new order");
    await visible(page.getByRole("list", { name: "Services" }).getByText("water heaters"));

    await topics.first().click();
    await page.waitForURL(/topic=Warranty/);
    await page.getByRole("button", { name: "Delete" }).click();
    must((await topics.count()) === 1, "a deleted question is gone");
    await page.getByRole("button", { name: "Undo" }).click();
    must((await topics.count()) === 2, "and comes back");
    await at(page, "faq?topic=Permits");
    await eventually(async () => (await page.getByLabel("Topic").inputValue()) === "Permits", "a link opens its question");
  },

  async "the owner hears of callers by the channels they choose"(world) {
    const { desk, open, shot } = world;
    const page = await open(desk);
    await page.waitForURL(CALLS);
    const id = business(page);
    await page.getByRole("link", { name: "Notifications" }).click();
    await visible(page.getByText(/No notification channels are configured|unread voicemails but no notification channels/), "that nobody is told is said");
    await page.getByRole("button", { name: "Send a test" }).click();
    await visible(page.getByText("No channel is switched on, so no test was sent."));

    const save = page.getByRole("button", { name: "Save Changes" });
    const mine = "+15125550188";
    await page.getByLabel("Text my phone").check();
    await save.click();
    await visible(page.getByText("Enter the phone that is texted"), "what is missing is said at its field");
    await page.getByLabel("Your own phone").fill("512 555 0188");
    must(await page.getByRole("button", { name: "Send a test" }).isDisabled(), "a test goes by what is saved");
    await page.getByRole("checkbox", { name: "Missed calls: Text" }).uncheck();
    await page.getByRole("checkbox", { name: "Emergencies: Text" }).uncheck();
    await visible(page.getByText("No channel that is on tells you of emergencies."));
    await page.getByRole("checkbox", { name: "Emergencies: Text" }).check();

    await page.getByRole("button", { name: "Add a quiet time" }).click();
    const quiet = page.getByRole("group", { name: "Quiet time 1" });
    await visible(quiet.getByText("Ends on the next day."));
    await quiet.getByLabel("Until").fill("21:00");
    await save.click();
    await visible(quiet.getByText("It begins and ends at the same time."));
    await quiet.getByLabel("Until").fill("06:30");
    for (const day of ["Saturday", "Sunday"]) await quiet.getByRole("button", { name: day }).click();
    must(await page.getByLabel("Emergencies come through").isChecked(), "emergencies come through unless somebody says otherwise");
    await sound(page, "notifications");
    await shot(page, "notifications");
    await page.keyboard.press("Control+s");
    await visible(page.getByText("Saved. Changes take effect immediately."));
    const { settings } = await ask(world, "GET", `/businesses/${id}/settings`);
    const { text, do_not_disturb: times, emergencies_always: always } = settings.notifications;
    must(text.on && text.phone === mine && text.muted.join() === "missed_call", `the channel is saved: ${JSON.stringify(text)}`);
    must(always && times.length === 1 && times[0].days.join() === "1,2,3,4,5" && times[0].until === "06:30", `so is the quiet time: ${JSON.stringify(times)}`);

    await page.getByRole("button", { name: "Send a test" }).click();
    await visible(page.getByText("Text: accepted."), "and what came of it");
    await eventually(async () => (await textsOf(world, mine)).length === 1, "the owner's phone got one text");
    await shot(page, "notifications-test");

    // A secret goes in and never comes out; what cannot be one is refused at its field.
    await page.getByLabel("Address of the Slack channel").fill("https://example.com/hook");
    await page.getByRole("button", { name: "Connect Slack" }).click();
    await visible(page.locator(".notices-slack .field-error"), "an address that is not Slack's is refused");
    await sound(page, "refused webhook");
    await page.getByLabel("Address of the Slack channel").fill("https://hooks.slack.com/services/T000/B000/abcdefgh");
    await page.keyboard.press("Enter");
    await visible(page.getByText("A Slack channel is connected. Its address is sealed and not shown."));
    must(!(await page.content()).includes("abcdefgh"), "the address is not on the page");
    must((await page.getByLabel("Address of the Slack channel").count()) === 0, "nor is there a field that held it");
    await page.getByRole("button", { name: "Disconnect" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Disconnect" }).click();
    await visible(page.getByRole("button", { name: "Connect Slack" }), "and it can be taken away");
    await visible(page.getByRole("region", { name: "Promises to callers" }).getByRole("button", { name: /^Due/ }));

    // What follows is about other things than the owner's phone.
    await page.getByLabel("Text my phone").uncheck();
    await page.getByRole("button", { name: "Remove quiet time 1" }).click();
    await save.click();
    await visible(page.getByText(/No notification channels are configured|unread voicemails but no notification channels/));
  },

  async "two people change the questions"(world) {
    const { desk, open } = world;
    const page = await open(desk);
    await page.waitForURL(CALLS);
    await at(page, "faq");
    await page.locator(".faq-topic").first().click();
    await page.getByLabel("Answer", { exact: true }).fill("Two years on labour.");
    const id = business(page);
    const change = async (edit) => {
      const { version, settings } = await ask(world, "GET", `/businesses/${id}/settings`);
      edit(settings);
      await ask(world, "PUT", `/businesses/${id}/settings`, { version, settings });
    };
    // Somebody saves something else: both changes stand.
    await change((settings) => (settings.profile.callback_minutes = 45));
    await page.getByRole("button", { name: "Save Changes" }).click();
    await visible(page.getByText("Saved. Changes take effect immediately."));
    const { settings } = await ask(world, "GET", `/businesses/${id}/settings`);
    must(settings.profile.callback_minutes === 45, "the other person's change is not lost");
    must(settings.faq[0].answer === "Two years on labour.", "nor is this one");
    // Somebody saves the same: the person decides.
    await page.getByLabel("Answer", { exact: true }).fill("Mine");
    await change((theirs) => (theirs.faq[0].answer = "Theirs"));
    await page.getByRole("button", { name: "Save Changes" }).click();
    await visible(page.getByText("Somebody else changed this meanwhile."));
    await page.getByRole("button", { name: "Load theirs" }).click();
    await eventually(async () => (await page.getByLabel("Answer", { exact: true }).inputValue()) === "Theirs", "theirs is shown");
  },

  async "texts are worded and seen before they are sent"(world) {
    const { desk, open, shot } = world;
    const page = await open(desk);
    await page.waitForURL(CALLS);
    await page.getByRole("link", { name: "Templates" }).click();
    const wording = page.getByLabel("Wording", { exact: true });
    const bubble = page.locator(".text-phone-bubble");
    await visible(bubble.getByText(/thanks for calling/), "what the caller gets");
    await sound(page, "templates");
    await shot(page, "templates");
    await page.getByRole("tab", { name: "After hours" }).click();
    await page.waitForURL(/hours=after_hours/);
    await visible(page.getByText("After-Hours Auto-Text"));
    await page.keyboard.press("ArrowLeft");
    await page.waitForURL((url) => !url.search.includes("after_hours"));

    await page.getByRole("button", { name: /^Short: how can we help/ }).click();
    await visible(bubble.getByText(/how can we help\?/), "a wording is picked");
    await wording.fill("Hello");
    await visible(page.getByText(/must contain \{\{business_name\}\}/), "the name of the business is missed at once");
    await page.getByRole("button", { name: "Save Changes" }).click();
    await visible(page.getByText(/Something has to be corrected in: Auto-text/));
    await sound(page, "refused template");
    await shot(page, "templates-refused");
    await wording.fill("Hello from {{business_name}} on {{appointment_date}}");
    await visible(page.getByText(/\{\{appointment_date\}\} is not known when this text is sent/), "what can never be filled in");
    await wording.fill("Hello from ");
    must((await page.locator(".text-variable").count()) === 7, "only what can be filled in is offered");
    await page.getByRole("button", { name: "Business name" }).click();
    must((await wording.inputValue()) === "Hello from {{business_name}}", "a variable goes where the cursor is");
    await wording.press("End");
    await page.keyboard.type(" \u{1F527}");
    await visible(page.getByText(/70 fit instead of 160/), "an emoji makes segments shorter, and that is said");
    await page.keyboard.press("Backspace");
    await page.keyboard.press("Backspace");
    await page.getByRole("button", { name: "Follow-up" }).click();
    await page.getByLabel("Send it after").selectOption("60");
    await page.getByRole("button", { name: "Save Changes" }).click();
    await visible(page.getByText("Saved. Changes take effect immediately."));

    // The very next caller is greeted with it.
    await paintAll(world, business(page), "auto_text_only");
    const { settings } = await ask(world, "GET", `/businesses/${business(page)}/settings`);
    must(settings.templates.followup_delay_minutes === 60, "the delay is saved");
    const after = { ...settings, templates: { ...settings.templates, auto_text_after_hours: settings.templates.auto_text_business_hours } };
    const { version } = await ask(world, "GET", `/businesses/${business(page)}/settings`);
    await ask(world, "PUT", `/businesses/${business(page)}/settings`, { version, settings: after });
    const from = caller("0151");
    await ring(world, from);
    await eventually(
      async () => (await textsOf(world, from)).some((text) => /^Hello from /.test(text.body)),
      "the next caller gets the new wording",
    );
  },

  async "an appointment is booked, moved and called off by hand"(world) {
    const { desk, open, shot } = world;
    const page = await open(desk);
    await page.waitForURL(CALLS);
    const id = business(page);
    await page.getByRole("link", { name: "Calendar" }).click();
    await visible(page.getByRole("region", { name: "Week" }));
    await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
    const free = page.locator('.cal-item[data-kind="free"]');
    if ((await free.count()) < 3) await page.getByRole("button", { name: "Week after" }).click();
    await visible(free, "free time");
    await eventually(async () => (await free.count()) >= 3, "a week has free times");
    must((await page.locator('.cal-item[data-kind="closed"]').count()) > 0, "and time that is closed");
    await sound(page, "calendar");
    await shot(page, "calendar");

    // Every blocked cell says why.
    await page.locator('.cal-item[data-kind="closed"]').first().click();
    const why = page.getByRole("dialog", { name: "Not bookable" });
    await visible(why.locator(".cal-reasons li"));
    await sound(page, "why not");
    await shot(page, "calendar-why");
    await page.keyboard.press("Escape");

    // Booked on a free time, with the mistakes said at their fields.
    const from = caller("0161");
    await free.first().click();
    const form = page.getByRole("dialog", { name: "Book an appointment" });
    await form.getByLabel("Phone").fill("12");
    await form.getByRole("button", { name: "Book appointment" }).click();
    await visible(form.getByText("Enter the customer’s name."));
    await visible(form.getByText("Enter a phone number such as"));
    await sound(page, "booking");
    await form.getByLabel("Customer’s name").fill("Dana Whitfield");
    await form.getByLabel("Phone").fill(from);
    await form.getByLabel("What is to be done").fill("Leaking heater");
    await form.getByRole("button", { name: "Book appointment" }).click();
    await visible(page.getByText(/^Booked: .* The customer gets a text\.$/));
    const visit = page.locator('.cal-item[data-kind="appointment"]', { hasText: "Dana Whitfield" });
    await visible(visit, "the appointment in the week");
    await visible(page.locator('.cal-item[data-kind="taken"]', { hasText: "Too near" }), "with its buffer");
    await eventually(
      async () => (await textsOf(world, from)).some((text) => /is confirmed for/.test(text.body)),
      "the customer is texted",
    );

    // What is taken is not booked twice.
    const { items } = await ask(world, "GET", `/businesses/${id}/appointments?status=scheduled`);
    const booked = items.find((one) => one.customer_name === "Dana Whitfield");
    const local = new Date(booked.scheduled_at);
    const zoned = new Intl.DateTimeFormat("sv-SE", { timeZone: "America/Chicago", dateStyle: "short", timeStyle: "short" }).format(local);
    await page.getByRole("button", { name: "Book", exact: true }).click();
    await form.getByLabel("Time", { exact: true }).selectOption("other");
    await form.getByLabel("Date").fill(zoned.slice(0, 10));
    await form.getByLabel("Start").fill(zoned.slice(11, 16));
    await form.getByLabel("Customer’s name").fill("Jo");
    await form.getByRole("button", { name: "Book appointment" }).click();
    await visible(form.getByText(/^The calendar is busy from/), "the reason is said");
    await sound(page, "time not free");
    await shot(page, "calendar-not-free");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog", { name: "Throw away what you entered?" }).getByRole("button", { name: "Throw away" }).click();

    // Moved.
    await visit.first().click();
    await page.waitForURL(/open=appt_/);
    const detail = page.getByRole("dialog", { name: "Dana Whitfield" });
    await visible(detail.getByText("Scheduled"));
    await sound(page, "appointment");
    await shot(page, "calendar-appointment");
    await detail.getByRole("button", { name: "Move…" }).click();
    const times = detail.getByLabel("Time", { exact: true });
    await eventually(async () => (await times.locator("option").count()) > 3, "free times to choose from");
    const last = await times.locator("optgroup").first().locator("option").last().getAttribute("value");
    await times.selectOption(last);
    await detail.getByRole("button", { name: "Move appointment" }).click();
    await visible(page.getByText(/^Moved to /));
    await eventually(
      async () => Date.parse((await ask(world, "GET", `/businesses/${id}/appointments/${booked.id}`)).scheduled_at) === Date.parse(last),
      "it is moved",
    );

    // In the list, and called off with a reason.
    await page.getByRole("button", { name: "Appointments", exact: true }).click();
    await page.waitForURL(/tab=list/);
    await page.locator(".cal-row", { hasText: "Dana Whitfield" }).click();
    await detail.getByRole("button", { name: "Cancel…" }).click();
    await detail.getByRole("button", { name: "Keep it" }).click();
    await detail.getByRole("button", { name: "Cancel…" }).click();
    await detail.getByLabel("Reason").fill("The van broke down");
    must(await detail.getByLabel("Text the customer that it was called off").isChecked(), "the customer is told unless somebody says otherwise");
    await sound(page, "calling off");
    await shot(page, "calendar-call-off");
    await detail.getByRole("button", { name: "Cancel appointment" }).click();
    await visible(page.getByText("The appointment was cancelled. Its time is free again."));
    await visible(page.getByRole("heading", { name: "No appointments ahead" }));
    await page.getByRole("button", { name: "Called off" }).click();
    await visible(page.locator(".cal-row", { hasText: "Dana Whitfield" }).getByText("Cancelled"));
    // At night the text waits for the morning.
    const hour = Number(new Intl.DateTimeFormat("en-US", { timeZone: "America/Chicago", hour: "numeric", hourCycle: "h23" }).format(new Date()));
    if (hour >= 8 && hour < 20)
      await eventually(
        async () => (await textsOf(world, from)).some((text) => /was called off/.test(text.body)),
        "the customer is texted that it was called off",
        30_000,
      );
    await sound(page, "appointments");
    await shot(page, "calendar-list");
  },

  async "time is blocked and the rules of booking changed"(world) {
    const { desk, open, shot } = world;
    const page = await open(desk);
    await page.waitForURL(CALLS);
    const id = business(page);
    const slots = async () => (await ask(world, "GET", `/businesses/${id}/availability`)).slots;
    const day = (await slots())[0].date;
    await at(page, "calendar?tab=list");
    await page.getByRole("button", { name: "Block time" }).click();
    const form = page.getByRole("dialog", { name: "Block time" });
    await form.getByRole("button", { name: "Block time" }).click();
    await visible(form.getByText("Say what it is."));
    await form.getByLabel("What it is").fill("Workshop");
    await form.getByLabel("First day").fill(day);
    await form.getByLabel("Last day").fill(day);
    await sound(page, "block time");
    await form.getByRole("button", { name: "Block time" }).click();
    await visible(page.getByText("The time is blocked."));
    must((await slots()).every((slot) => slot.date !== day), "nothing is offered on that day");
    await at(page, `calendar?week=${day}`);
    await page.locator('.cal-item[data-kind="blocked"]', { hasText: "Workshop" }).click();
    await shot(page, "calendar-blocked");
    await page.getByRole("dialog", { name: "Workshop" }).getByRole("button", { name: "Take appointments again" }).click();
    await eventually(async () => (await slots()).some((slot) => slot.date === day), "the day is given back");

    await page.getByRole("button", { name: "Settings", exact: true }).click();
    await visible(page.getByText("Connect your Google Calendar to let AI check"));
    await page.getByLabel("Length of a visit").selectOption("120");
    await page.getByLabel("Most appointments a day").fill("21");
    await page.getByRole("button", { name: "Save Changes" }).click();
    await visible(page.getByText("Choose 1 to 20 appointments."));
    await page.getByLabel("Most appointments a day").fill("4");
    await page.getByRole("button", { name: "7 days" }).click();
    await page.getByLabel("48 hours before").check();
    await page.getByLabel(/^Hours of their own/).check();
    await page.getByRole("button", { name: "Add hours on Saturday" }).click();
    await page.getByLabel("Saturday, closes").fill("12:00");
    // A day off, and one with hours of its own.
    const dates = page.getByRole("group", { name: "Single dates" });
    await dates.getByRole("button", { name: "Add date" }).click();
    await visible(dates.getByText("Choose a date."), "a date is needed");
    await dates.getByLabel("Date", { exact: true }).fill(day);
    await dates.getByRole("button", { name: "Add date" }).click();
    const other = new Date(Date.parse(`${day}T12:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
    await dates.getByLabel("Date", { exact: true }).fill(other);
    await dates.getByLabel("Visits", { exact: true }).selectOption("In these hours");
    await dates.getByLabel("Last visit until").fill("12:30");
    await dates.getByRole("button", { name: "Add date" }).click();
    await visible(dates.getByRole("listitem").filter({ hasText: "8:00 AM – 12:30 PM" }), "both are listed");
    await sound(page, "booking settings");
    await shot(page, "calendar-settings");
    await page.getByRole("button", { name: "Save Changes" }).click();
    await visible(page.getByText("Saved. Changes take effect immediately."));
    const { settings } = await ask(world, "GET", `/businesses/${id}/settings`);
    must(settings.booking.duration_minutes === 120 && settings.booking.window_days === 7, "the rules are saved");
    must(settings.reminders.minutes_before.join() === "2880,1440,60", "so are the reminders");
    must(settings.booking.hours.some((one) => one.day === 6 && one.end === "12:00"), "and hours of their own");
    must(settings.booking.dates[day].length === 0 && settings.booking.dates[other][0].join() === "08:00,12:30", "and dates");
    must((await slots()).every((slot) => slot.date !== day), "nothing is offered on a day off");
    await dates.getByRole("listitem").first().getByRole("button", { name: /^Remove/ }).click();
    await page.getByRole("button", { name: "Save Changes" }).click();
    await eventually(async () => (await slots()).some((slot) => slot.date === day), "until it is given back");

    // Cal.com can be connected once it is switched on.
    must((await page.getByRole("button", { name: "Connect Cal.com" }).count()) === 0, "Cal.com is off until somebody wants it");
    await page.getByLabel("Use Cal.com").check();
    await page.getByRole("button", { name: "Save Changes" }).click();
    await page.getByRole("button", { name: "Connect Cal.com" }).click();
    const calcom = page.getByRole("dialog", { name: "Connect Cal.com" });
    await calcom.getByLabel("API key").fill("cal_live_something");
    await calcom.getByRole("button", { name: "Connect", exact: true }).click();
    await visible(calcom.getByText("Enter the number, such as 123456."), "an event type is needed");
    await sound(page, "connect Cal.com");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog", { name: "Throw away what you entered?" }).getByRole("button", { name: "Throw away" }).click();
    await page.getByLabel("Use Cal.com").uncheck();
    await page.getByRole("button", { name: "Save Changes" }).click();
    await eventually(async () => (await page.getByRole("button", { name: "Connect Cal.com" }).count()) === 0, "and switched off again");
  },

  async "appointments appear while the calendar is open"(world) {
    const { desk, open } = world;
    const page = await open(desk);
    await page.waitForURL(CALLS);
    const id = business(page);
    const { slots } = await ask(world, "GET", `/businesses/${id}/availability`);
    await at(page, `calendar?week=${slots[0].date}`);
    await visible(page.locator('.cal-item[data-kind="free"]'));
    const made = await ask(world, "POST", `/businesses/${id}/appointments`, { start: slots[0].start, customer_name: "Tom Becker" });
    const visit = page.locator('.cal-item[data-kind="appointment"]', { hasText: "Tom Becker" });
    await visible(visit, "nobody touches the page, and the appointment is there");
    await ask(world, "POST", `/businesses/${id}/appointments/${made.id}/cancel`, {});
    await eventually(async () => (await visit.count()) === 0, "and goes by itself");
  },

  async "the week is walked with the keyboard"({ desk, open }) {
    const page = await open(desk);
    await page.waitForURL(CALLS);
    await visible(page.getByRole("heading", { name: "Calls", exact: true }));
    await page.keyboard.press("g");
    await page.keyboard.press("d");
    await page.waitForURL(/\/calendar/);
    await visible(page.getByRole("region", { name: "Week" }));
    await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
    await page.getByRole("button", { name: "Week after" }).click();
    await page.waitForURL(/week=/);
    await visible(page.locator('.cal-item[data-kind="free"]'));
    await page.locator('.cal-day .cal-item[tabindex="0"]').first().focus();
    const focused = () => page.evaluate(() => ({ from: Number(document.activeElement.dataset.from), day: document.activeElement.closest(".cal-day")?.querySelector("p").id }));
    const first = await focused();
    await page.keyboard.press("ArrowDown");
    const below = await focused();
    must(below.from > first.from && below.day === first.day, "down goes to what is later");
    await page.keyboard.press("ArrowRight");
    must((await focused()).day > first.day, "right goes to the next day");
    must((await page.locator('.cal-day .cal-item[tabindex="0"]').count()) <= 7, "a day is one stop");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    await visible(page.getByRole("dialog"));
    await page.keyboard.press("Escape");
    must((await focused()).day === first.day, "Escape leads back to where it was");
  },

  async "a phone and the dark are no worse"({ browser, desk, open, shot }) {
    for (const colorScheme of ["light", "dark"]) {
      for (const [size, viewport] of Object.entries({ phone: { width: 360, height: 780 }, desk: { width: 1280, height: 800 } })) {
        const context = await browser.newContext({
          viewport,
          colorScheme,
          hasTouch: size === "phone",
          isMobile: size === "phone",
          reducedMotion: "reduce",
          storageState: await desk.storageState(),
        });
        const page = await open(context);
        await page.waitForURL(CALLS);
        await visible(page.locator(".call-link"));
        const first = await page.locator(".call-link").first().getAttribute("data-call");
        for (const path of ["calls", `calls?call=${first}`, `calls?call=${first}&tab=thread`, `calls?call=${first}&tab=why`, "calendar", "calendar?tab=list", "calendar?tab=settings", "routing", "templates", "templates?hours=after_hours", "faq", "faq?topic=Permits", "notifications", "connect", "simulator"]) {
          await at(page, path);
          await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
          await visible(page.locator("h1"));
          const name = `${path.replaceAll(/call_[^&]*|[?=&]+/g, "-").replaceAll(/-+/g, "-").replace(/-$/, "")}-${size}-${colorScheme}`;
          await sound(page, name);
          await shot(page, name);
        }
        if (size === "phone") {
          await at(page, "routing");
          await cell(page, 20).tap();
          await visible(page.getByRole("dialog", { name: /Set routing for Mon/ }), "a tap opens the sheet");
          await page.getByRole("button", { name: "Select more…" }).tap();
          await cell(page, 48 + 21).tap();
          await page.getByRole("dialog", { name: "Set routing for 4 cells" }).getByRole("button", { name: /^Off/ }).tap();
          await visible(page.getByText("4 half hours changed"));
          await sound(page, `painted-${colorScheme}`);
          // Five places within a thumb's reach, and every other page behind the last of them.
          await at(page, "calls");
          const bar = page.getByRole("navigation", { name: "Main" });
          await visible(bar.getByRole("button", { name: "More" }), "the last place in the bar");
          must((await bar.locator("li").filter({ visible: true }).count()) === 5, "five places in the bar");
          await bar.getByRole("button", { name: "More" }).tap();
          const more = page.getByRole("dialog", { name: "More" });
          await visible(more.getByRole("link", { name: "Phone simulator" }));
          await sound(page, `more-${colorScheme}`);
          await shot(page, `more-${colorScheme}`);
          await more.getByRole("link", { name: "FAQ" }).tap();
          await visible(page.getByRole("heading", { name: "FAQ", level: 1 }));
          must((await bar.getByRole("button", { name: "More" }).getAttribute("aria-current")) === "page", "where one is");
        }
        await context.close();
      }
    }
  },

  async "a visit is booked, moved and called off by text, and the inbox shows it"(world) {
    const { desk, open, shot } = world;
    const page = await open(desk);
    await page.waitForURL(CALLS);
    const { line } = await sandbox(world);
    const from = caller("0177");
    const received = async () => (await textsOf(world, from)).filter((text) => text.direction === "inbound");
    const says = async (body) => {
      const before = (await received()).length;
      await ask(world, "POST", "/sandbox/texts", { from, to: line, body });
      const now = await eventually(
        async () => {
          const texts = await received();
          return texts.length > before ? texts : null;
        },
        `an answer to “${body}”`,
        30_000,
      );
      return now.at(-1).body;
    };
    const toAnswer = (said) => {
      if (/name/u.test(said)) return "Ann Baker";
      if (/address/u.test(said)) return "12 Oak Street";
      if (/Reply YES/u.test(said)) return "yes";
      return "It can wait";
    };

    let said = await says("My kitchen sink is clogged, can someone come out next week?");
    for (let turn = 0; turn < 5 && !/Reply with a number/u.test(said); turn += 1) said = await says(toAnswer(said));
    must(/Reply with a number/u.test(said), `times are offered: ${said}`);
    said = await says("2");
    must(/is confirmed for/u.test(said), `it is confirmed: ${said}`);
    const booked = said;

    await at(page, "inbox");
    await page.getByRole("link", { name: /Ann Baker/ }).click();
    await visible(page.getByRole("heading", { name: "Ann Baker" }));
    await visible(page.locator(".inbox-row").filter({ hasText: "Appointment Booked" }), "the stage in the list");
    await visible(page.locator(".messages").getByText("Availability checked"), "what staff alone sees");
    await visible(page.locator(".messages").getByText(booked.slice(0, 60)), "the confirmation");
    await sound(page, "inbox");
    await shot(page, "inbox");

    said = await says("R");
    must(/Reply with a number/u.test(said), `other times: ${said}`);
    said = await says("3");
    must(/is confirmed for/u.test(said) && said !== booked, `it is moved: ${said}`);
    said = await says("please cancel my appointment");
    must(/is cancelled/u.test(said), `it is called off: ${said}`);

    // A person takes over: the machine is silent, and what is sent is theirs.
    await page.getByRole("button", { name: "Take over" }).click();
    await visible(page.getByRole("button", { name: "Hand back" }));
    await page.getByLabel("Your text").fill("Sorry to hear that. Call us anytime!");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await eventually(
      async () => (await received()).at(-1)?.body.includes("Sorry to hear that"),
      "a person's text arrives",
      30_000,
    );
  },

  async "a changed draft outlives the page and the caller's next text"(world) {
    const { desk, open, shot } = world;
    const page = await open(desk);
    await page.waitForURL(CALLS);
    const { line } = await sandbox(world);
    const from = caller("0186");
    const says = (body) => ask(world, "POST", "/sandbox/texts", { from, to: line, body });
    const path = `/businesses/${business(page)}/settings`;
    const drafts = async (answers) => {
      const { version, settings } = await ask(world, "GET", path);
      await ask(world, "PUT", path, { version, settings: { ...settings, conversation: { ...settings.conversation, answers } } });
    };
    await drafts("draft");
    await says("Do you work on weekends?");
    await at(page, "inbox");
    const row = page.locator(".inbox-row").filter({ hasText: "0186" });
    await visible(row.getByText("Draft to check"), "the list says that a draft waits");
    await row.getByRole("link").click();
    await visible(page.locator(".inbox-link[data-open]"), "the open thread stands out");
    await visible(page.getByText("Draft, not sent"), "a draft is no text");
    await page.getByRole("button", { name: "Edit before send" }).click();
    const words = page.getByRole("textbox", { name: "Edit before send" });
    must(await words.evaluate((one) => one === document.activeElement), "whoever edits goes on typing");
    await words.fill("On Saturdays until noon.");
    await sound(page, "draft");
    await shot(page, "draft");
    await page.reload();
    await eventually(async () => (await words.inputValue()) === "On Saturdays until noon.", "the words outlive the page");
    await says("Hello? Anyone there?");
    await visible(page.getByText("The caller wrote again before your words were sent"), "the words are not lost");
    await page.getByLabel("Your text").fill("One moment");
    await page.getByRole("button", { name: "Use these words" }).click();
    must((await page.getByLabel("Your text").inputValue()) === "One moment", "what is being written is not overwritten");
    await page.getByLabel("Your text").fill("");
    await page.getByRole("button", { name: "Use these words" }).click();
    must((await page.getByLabel("Your text").inputValue()) === "On Saturdays until noon.", "and can be used");
    await drafts("automatic");
  },

  async "a story is told to its end however often it is played"(world) {
    const { desk, open, shot } = world;
    const page = await open(desk);
    await page.waitForURL(CALLS);
    await paintAll(world, business(page), "auto_text_only");
    await at(page, "simulator");
    const from = page.getByLabel("Calling as");
    const first = await from.inputValue();
    for (let times = 0; times < 2; times += 1) {
      await page.getByRole("button", { name: "Burst pipe at night" }).click();
      await page.getByText("Playing “Burst pipe at night”…").waitFor();
      await page.getByText("The story is over.").waitFor({ timeout: 60_000 });
    }
    must((await from.inputValue()) !== first, "who was texted before is not asked again");
    await at(page, "calls");
    await visible(page.locator(".call").first().getByText("Emergency"), "an emergency is seen in the list");
    // One and the same count, in the tab's name and of what the filter lists.
    await page.getByRole("button", { name: /^Needs Attention \(/ }).click();
    await page.waitForURL(/attention=true/);
    await eventually(async () => {
      const rows = await page.locator(".call").count();
      const name = await page.title();
      return name.startsWith(`(${rows}) `) || rows >= 50;
    }, "the name of the tab counts what the filter lists");
    await shot(page, "calls-attention");
  },

  async "signing out ends it"({ browser, desk, open }) {
    const context = await browser.newContext({ storageState: await desk.storageState() });
    const page = await open(context);
    await page.waitForURL(CALLS);
    await page.locator(".rail-account").click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(/\/signin/);
    await page.goBack();
    await page.waitForURL(/\/signin/);
    await context.close();
  },
};
