/**
 * Preloaded into a program: as that ends, it tells on its stream 3 how many milliseconds it has lived by its own clock, and
 * how many of its last two thousand it stood still, since the machine was busy with something else.
 */
const everyMs = 50;
let last = performance.now();
let stops = [];

function look() {
    const now = performance.now();
    const ms = now - last - everyMs;
    // A timer is never quite on time: that alone is no standstill.
    stops = [...stops, ...(ms > 100 ? [{ at: now, ms }] : [])].filter(({ at }) => at > now - 2000);
    last = now;
}

setInterval(look, everyMs).unref();
process.on("exit", () => {
    look();
    const stoodStill = stops.reduce((sum, { ms }) => sum + ms, 0);
    require("node:fs").writeSync(3, JSON.stringify({ age: performance.now(), stoodStill }));
});
