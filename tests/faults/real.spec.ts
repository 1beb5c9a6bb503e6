import { faults } from "../support/trial";
import { victims } from "../support/victims";
import { kill, killWhileOld } from "./kills";
import { byRotator, pointNamed } from "./points";

/** The commonest of the faults, with etcd and kube-apiserver behind the cluster. */
faults("On a real control plane", { backend: "control-plane", rotationSeconds: 3 }, (fault) => {
    for (const [victim, where] of [
        ["the rotator", "while Azure rotates"],
        ["the engine", "between POST and answer"],
        ["every process", "while Azure rotates"],
    ] as const) {
        fault(victim, where, { outcome: "found rotated" }, (trial) => kill(trial, victims[victim], pointNamed(where)));
    }
    fault("the POST", "half an answer", { slow: true }, async (trial) => {
        const match = { ...byRotator, kind: "rotateClusterCertificates" } as const;
        trial.breaks({ match, action: { type: "half" } });
        await trial.succeeds();
        return trial.read(/Azure did not answer the request to rotate/);
    });
    fault("the old credentials", "are served for 4 s after Succeeded", {}, async (trial) => {
        trial.scene.control.set(trial.scene.ref, { credentialsLagSeconds: 4 });
        await trial.succeeds();
        return trial.read(/waiting for the new credentials/);
    });
});

// kube-apiserver sends its own certificate alone, and Node.js then takes any CA of the issuer's name for its issuer.
faults(
    "On a real control plane whose certificates have no key identifiers",
    { backend: "control-plane", rotationSeconds: 3, kind: { keyIdentifiers: false } },
    (fault) => {
        fault(
            "the rotator",
            "is killed while the old credentials are served",
            { outcome: "found rotated" },
            killWhileOld,
        );
    },
);
