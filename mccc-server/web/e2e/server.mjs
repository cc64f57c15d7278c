// The real program, started as a newcomer would: `demo` in a fresh folder.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const START_MS = 30_000;

/** Starts the program and gives its address, its one-time link and a way to end it. */
export async function start(binary) {
  const folder = mkdtempSync(join(tmpdir(), "mccc-e2e-"));
  const child = spawn(binary, ["demo", "--data-dir", join(folder, "demo"), "--port", "0"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const collect = (chunk) => {
    said += chunk;
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const stop = async () => {
    child.kill("SIGTERM");
    const code = await Promise.race([ended, new Promise((resolve) => setTimeout(() => resolve("late"), 15_000))]);
    if (code === "late") child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
    return { code, said };
  };
  const until = Date.now() + START_MS;
  for (;;) {
    const link = /https?:\/\/[^\s]+\/login\?token=[^\s]+/.exec(said)?.[0];
    if (link) return { base: new URL(link).origin, link, stop };
    if (Date.now() > until || child.exitCode !== null) {
      await stop();
      throw new Error(`the program did not print a sign-in link:\n${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
