import { sameFingerprints } from "../../../formats/certificate";
import { SINGLE_PROBE } from "../../../rotator/probe-server-ca";
import { realBrain } from "./brain";
import { decided, deciding, type Mutant, seeing } from "./mutants";

const { applyObservation } = realBrain;

/** Rotators with a fault that only what Azure does at times shows. */
export const azureMutants: readonly Mutant[] = [
    {
        fault: "takes what answers in Azure's place for Azure",
        brain: { notAnAnswer: () => undefined },
        breaks: ["answers"],
        events: ["emptyAnswers"],
    },
    {
        fault: "takes a missing resourceUID for that of another cluster",
        brain: seeing(({ resourceUID }) => ({ resourceUID: resourceUID ?? "none" })),
        breaks: ["rotated", "record", "once"],
        events: ["uids"],
    },
    {
        fault: "takes the id of the cluster in state of 0.1.0 for a resourceUID",
        brain: deciding(({ record }) => ({
            record: record && { ...record, resourceUID: record.resourceUID?.replace(/^\//, "id /") },
        })),
        breaks: ["rotated", "record", "once"],
        events: ["uids"],
    },
    {
        fault: "takes a CA bundle that differs for a rotation",
        brain: decided((action, { cluster, intent }) => {
            const differs = cluster.found && !sameFingerprints(cluster.caFingerprints ?? [], intent.caFingerprints);
            return action.do === "wait" && action.for === "credentials" && differs ? { do: "verify" } : action;
        }),
        breaks: ["rotated", "record"],
        events: ["bundles"],
    },
    {
        fault: "starts again where the CA bundle overlaps with that of before",
        brain: decided((action) =>
            action.do === "fail" && action.reason === "caOverlaps" ? { do: "rotate" } : action,
        ),
        breaks: ["once", "needed", "idle"],
        events: ["bundles"],
    },
    {
        fault: "makes one connection to the API server where several are asked for",
        brain: { probe: () => SINGLE_PROBE },
        breaks: ["once", "needed", "rotated"],
        events: ["replicas"],
    },
    {
        fault: "makes its connections to the API server within two seconds where a minute is asked for",
        brain: { probe: ({ connections }) => ({ connections, overMs: 2000 }) },
        breaks: ["once", "needed", "rotated"],
        events: ["replicas"],
    },
    {
        fault: "tries the old CA on one connection",
        brain: { oldCaProbe: SINGLE_PROBE },
        breaks: ["refused"],
        events: ["replicas"],
    },
    {
        fault: "starts again after a person has canceled its rotation",
        brain: decided((action) => (action.do === "fail" && action.reason === "canceled" ? { do: "rotate" } : action)),
        breaks: ["veto"],
    },
    {
        fault: "starts again after a failure whose cause lasts",
        brain: decided((action) =>
            action.do === "fail" && action.reason === "lastingFailure" ? { do: "rotate" } : action,
        ),
        breaks: ["lasting"],
        events: ["operationErrors"],
    },
    {
        fault: "does not wait for capacity",
        brain: {
            applyObservation: (...args) => ({ ...applyObservation(...args), notBefore: Number.NEGATIVE_INFINITY }),
        },
        breaks: ["capacity"],
        events: ["operationErrors"],
    },
    {
        fault: "does not wait for AKS to reconcile",
        brain: deciding(({ attempt }) => ({ attempt: { ...attempt, reconcileTimeElapsed: true } })),
        breaks: ["reconciled"],
        events: ["reconciles"],
    },
    {
        fault: "gives AKS 50 s to reconcile",
        brain: {
            applyObservation: (state, look, now, settleMs) => {
                const after = applyObservation(state, look, now, settleMs);
                const { finalState } = after;
                return { ...after, reconcileTimeElapsed: finalState !== undefined && now - finalState.since >= 50_000 };
            },
        },
        breaks: ["reconciled"],
        events: ["reconciles"],
    },
    {
        fault: "names the CA of the intent as that of before, where the record is younger",
        brain: {
            conclude: (record, { caFingerprints }) =>
                record.outcome === "adopted" ? record : { ...record, caBefore: caFingerprints },
        },
        breaks: ["before"],
        ignored: ["record"],
    },
];
