import { faults } from "../support/trial";
import { victims } from "../support/victims";
import { kill } from "./kills";
import { pointNamed } from "./points";

/** A rotator that has lost its plugin or its engine, and that gets what it waits for before it has seen it. */
faults("An orphan", { rotationSeconds: 1 }, (fault) => {
    for (const [where, outcome] of [
        ["before the POST", "rotated"],
        ["while the POST is on its way", "found rotated"],
    ] as const) {
        for (const victim of ["the command plugin", "the engine"] as const) {
            fault(`${victim} is killed`, `${where}, and the rotator goes on`, { outcome }, (trial) =>
                kill(trial, victims[victim], pointNamed(where), "goes on"),
            );
        }
    }
});
