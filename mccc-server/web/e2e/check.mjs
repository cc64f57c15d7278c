// Small checks with words that say what was expected.
import axe from "axe-core";

export class Broken extends Error {}

export function must(condition, words) {
  if (!condition) throw new Broken(words);
}

/** Tries again until the check holds; the last failure is the one reported. */
export async function eventually(check, words, ms = 12_000) {
  const until = Date.now() + ms;
  for (;;) {
    let last;
    try {
      const found = await check();
      if (found) return found;
      last = new Broken(words);
    } catch (error) {
      last = error;
    }
    if (Date.now() > until) throw last instanceof Broken ? last : new Broken(`${words}: ${last}`);
    await new Promise((resolve) => setTimeout(resolve, 120));
  }
}

export async function visible(locator, words) {
  try {
    await locator.first().waitFor({ state: "visible", timeout: 12_000 });
  } catch {
    throw new Broken(`not to be seen: ${words ?? locator}`);
  }
  return locator.first();
}

/** Nothing that the accessibility rules object to, and nothing wider than the screen. */
export async function sound(page, name) {
  // What fades in has not its own colours yet, and on a busy machine that takes a while.
  await page.evaluate(() => {
    const ends = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
    return Promise.allSettled(ends.map((one) => one.finished));
  });
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const found = violations.map((one) => `${one.id} at ${one.nodes.map((node) => node.target.join(" ")).slice(0, 3)}`);
  must(found.length === 0, `${name}: ${found.join("; ")}`);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  must(over <= 0, `${name} is ${over}px too wide`);
}
