const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * From now on the process ends by `process.exit` when it is asked to stop, so that what was set up for its "exit" is
 * done: folders removed, processes ended.
 */
export function exitOnInterrupt(): void {
    for (const [signal, code] of Object.entries(signals)) {
        process.on(signal, () => {
            console.error(`\nInterrupted (${signal}): ending what was started.`);
            process.exit(code);
        });
    }
}
