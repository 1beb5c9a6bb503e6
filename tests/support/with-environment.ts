/** Runs something with variables in this process's environment; undefined takes one away. Afterwards all is as before. */
export async function withEnvironment<T>(
    variables: Record<string, string | undefined>,
    act: () => Promise<T>,
): Promise<T> {
    const before = { ...process.env };
    try {
        for (const [name, value] of Object.entries(variables)) {
            set(name, value);
        }
        return await act();
    } finally {
        for (const name of new Set([...Object.keys(process.env), ...Object.keys(before)])) {
            set(name, before[name]);
        }
    }
}

function set(name: string, value: string | undefined): void {
    if (value === undefined) {
        delete process.env[name];
    } else {
        process.env[name] = value;
    }
}
