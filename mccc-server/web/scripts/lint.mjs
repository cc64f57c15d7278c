// What the type checker cannot see: who may import whom, and that words stay in the catalogue.
import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const src = fileURLToPath(new URL("../src", import.meta.url));
const mistakes = [];

// Each room may use those left of it; a feature may use all of them but no other feature.
const ROOMS = ["strings", "api", "lib", "ui", "shared", "frame", "features"];
// `lib` and `api` describe one another's values; the rest goes one way.
const ALSO = new Set(["api>lib"]);

for (const entry of readdirSync(src, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.tsx?$/.test(entry.name) || entry.name.endsWith(".d.ts")) continue;
  const path = join(entry.parentPath, entry.name);
  const name = relative(src, path);
  const text = readFileSync(path, "utf8");
  const report = (line, what) => mistakes.push(`src/${name}:${line}: ${what}`);
  const [room, feature] = name.split("/");

  text.split("\n").forEach((line, index) => {
    const from = /from "@\/([^"]+)"/.exec(line)?.[1];
    if (from && ROOMS.includes(room)) {
      const [target, targetFeature] = from.split("/");
      if (room === "features" && target === "features" && feature !== targetFeature) {
        report(index + 1, `a feature imports the feature "${targetFeature}"`);
      } else if (ROOMS.indexOf(target) > ROOMS.indexOf(room) && !ALSO.has(`${room}>${target}`)) {
        report(index + 1, `"${room}" imports "${target}"`);
      }
    }
    if (/dangerouslySetInnerHTML|innerHTML|\beval\(/.test(line)) report(index + 1, "markup from a string");
    if (/https?:\/\//.test(line) && !name.endsWith(".test.ts") && !name.endsWith(".test.tsx")) {
      report(index + 1, "an address of another host");
    }
    const words = /(?<!=)>\s*([A-Z][a-z]+(?: [a-z]+)*)\s*<\//.exec(line)?.[1];
    if (words && name.endsWith(".tsx")) report(index + 1, `words outside the catalogue: ${words}`);
    const label = /(?:aria-label|placeholder|title|alt)="([^"]+)"/.exec(line)?.[1];
    if (label && name.endsWith(".tsx")) report(index + 1, `words outside the catalogue: ${label}`);
  });
}

if (mistakes.length > 0) {
  console.error(mistakes.join("\n"));
  process.exit(1);
}
