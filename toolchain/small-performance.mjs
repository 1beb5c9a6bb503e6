/**
 * Stands for the platform's performance in a bundle that only asks it for the time: touching that global loads perf_hooks,
 * 0.3 MB of a process that waits. By the same clock, since the process began.
 */
export const performance = { now: () => process.uptime() * 1000 };
