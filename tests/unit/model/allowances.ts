/**
 * All that is let pass although it breaks a promise, each as narrow as it can be told, and each with a test that tells
 * its story. `limit`: what the rotator would have to know cannot be known from where it stands. `defect`: it could be
 * done better; when it is, the test of the story says so, and the allowance goes.
 */
export const allowances = {
    /** Started again, or for a rotation of somebody else. */
    nobodyKnows: {
        is: "limit",
        when: "Azure serves the old credentials for longer than settleTimeout and the API server cannot be asked",
    },
    /** Recorded with `verify: required`, but `oldCaRefused` is not checked. */
    oldCaUnknown: {
        is: "limit",
        when: "the CA of before was never in an intent: only the fingerprints of it are on record",
    },
    /** A cluster that was created anew is taken for the one of before. */
    unknownUid: {
        is: "limit",
        when: "Azure did not show the resourceUID when the intent or the record was made, or when the cluster was last observed",
    },
    /** The rotation of the lower generation counts for the one that is raised again. */
    raisedAgainWithoutRecord: {
        is: "limit",
        when: "a generation was asked for, lowered, rotated for the lower one, and the record was lost before it is raised again",
    },
    /** Said of the record's `outcome`. */
    answerLost: {
        is: "limit",
        when: "Azure's answer to a request of this run was lost: whether what began then came from it, only Azure knows",
    },
    /** Said of the record's `outcome`. */
    unseenEnd: {
        is: "limit",
        when: "our rotation brought no new CA, and what did was not seen apart from it",
    },
    /** Said of the record's `outcome`. */
    failedWithCa: {
        is: "limit",
        when: "our rotation ended Failed or Canceled, and Azure's credentials showed only later that it had brought a new CA",
    },
    /** Said of the record's `outcome`, and of a fourth try in one run. */
    shownLate: {
        is: "limit",
        when: "Azure takes more than 10 s to show a rotation that it has accepted",
    },
    /** A rotation of before is taken for the one that was asked for. Not asked: it could not be reached or was stopped, a
     * rotation was under way, none of its replicas had restarted yet, or verify was off. */
    blindIntent: {
        is: "limit",
        when: "Azure served old credentials when the intent or an adoption was recorded, and the API server was not asked",
    },
} as const;

/** The name of an allowance. */
export type Allowance = keyof typeof allowances;
