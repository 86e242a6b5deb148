/**
 * How long loading the package takes in a process that has loaded nothing else, and what it leaves open.
 * Told: { entry }.
 */
const { entry } = JSON.parse(process.argv[2]);
const started = performance.now();
await import(entry);
const importMs = performance.now() - started;
const handles = process.getActiveResourcesInfo().filter((name) => !/Pipe|TTY|File/.test(name));
const rssMB = process.memoryUsage.rss() / 1e6;
process.stdout.write(`${JSON.stringify({ importMs, handles, rssMB })}\n`);
