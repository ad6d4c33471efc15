/**
 * `make upgrade`: moves every pin of package.json to the newest that fits with the others, within
 * its major version; a new major is a decision of yours. Nothing is written when they do not fit.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

type Pins = Record<string, string>;

interface Manifest {
  dependencies: Pins;
  devDependencies: Pins;
}

interface Lock {
  packages: Record<string, { version: string }>;
}

// It breaks its callers in minor versions: what lints the code follows with some delay.
const BY_PATCH = new Set(["typescript"]);

function loosened(pins: Pins): Pins {
  const loose = ([name, version]: [string, string]) => [
    name,
    `${BY_PATCH.has(name) ? "~" : "^"}${version}`,
  ];
  // What has no version is of this repo.
  const published = Object.entries(pins).filter(([, version]) => /^\d/.test(version));
  return Object.fromEntries(published.map(loose)) as Pins;
}

function moved(pins: Pins, lock: Lock): Pins {
  const newest = ([name, version]: [string, string]): [string, string] => {
    const found = lock.packages[`node_modules/${name}`]?.version;
    return [name, /^\d/.test(version) && found !== undefined ? found : version];
  };
  return Object.fromEntries(Object.entries(pins).map(newest));
}

/** npm resolves, whatever installs: all it is asked for is which versions fit together. */
function resolve(manifest: Manifest): Lock {
  const folder = mkdtempSync(join(tmpdir(), "upgrade-"));
  try {
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
    const options = ["--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"];
    const { status } = spawnSync("npm", ["install", "--silent", ...options], {
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
    });
    if (status !== 0) {
      console.error("upgrade: the newest versions do not fit together; nothing was changed");
      process.exit(1);
    }
    return JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")) as Lock;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
const { dependencies, devDependencies } = manifest;
const lock = resolve({
  ...manifest,
  dependencies: loosened(dependencies),
  devDependencies: loosened(devDependencies),
});
const upgraded: Manifest = {
  ...manifest,
  dependencies: moved(dependencies, lock),
  devDependencies: moved(devDependencies, lock),
};
writeFileSync("package.json", `${JSON.stringify(upgraded, undefined, 2)}\n`);
console.log("upgrade: pins moved; `git diff` shows them, `make check` tells whether they work");
