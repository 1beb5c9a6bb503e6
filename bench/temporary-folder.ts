import { rmSync } from "node:fs";
import { mkdir, mkdtemp } from "node:fs/promises";
import { dirname } from "node:path";

/** A folder that is there until it is disposed of, or this process ends. */
export interface TemporaryFolder extends Disposable {
    path: string;
}

/** @param prefix the path, less what makes it unique */
export async function temporaryFolder(prefix: string): Promise<TemporaryFolder> {
    await mkdir(dirname(prefix), { recursive: true });
    const path = await mkdtemp(prefix);
    // What still writes into it is given time to end.
    const remove = () => rmSync(path, { recursive: true, force: true, maxRetries: 5 });
    process.once("exit", remove);
    return {
        path,
        [Symbol.dispose]: () => {
            process.off("exit", remove);
            remove();
        },
    };
}
