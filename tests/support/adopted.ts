import { protectedComponent } from "./program";
import { Scene, type SceneOptions } from "./scene";
import { readOutputsFromState } from "./state-file";

/** A scene whose cluster is adopted, and whose engine logs all that it can. */
export async function adopted(options: SceneOptions): Promise<Scene> {
    const scene = await Scene.open({ program: protectedComponent, ...options });
    scene.verbose = true;
    readOutputsFromState(scene.project);
    try {
        await scene.up(1);
        return scene;
    } catch (error) {
        await scene[Symbol.asyncDispose]();
        throw error;
    }
}
