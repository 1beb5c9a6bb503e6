import { wordsOf } from "../../azure/explain";
import type { Authentication } from "../authentication";
import type { ApiServerShows } from "../outside";
import type { VerifyMode } from "../settings";
import { type Finding, ok } from "./finding";

/**
 * Whether the API server can be reached from here, and has a certificate of the CA that Azure hands out. It warns: the
 * rotation itself needs no API server, and `verify` decides what its verification needs.
 *
 * @param shows undefined where it was not asked
 */
export function judgeApiServer(
    shows: ApiServerShows | undefined,
    {
        server,
        stopped,
        verify,
        throughCommand = false,
        reason,
        authentication,
    }: {
        server: string;
        stopped: boolean;
        verify: VerifyMode;
        throughCommand?: boolean;
        /** Why it cannot be reached, where that is known. */
        reason?: string | undefined;
        /** What it says of the credentials; undefined where they were not tried. */
        authentication?: Authentication | Error | undefined;
    },
): Finding {
    const check = "apiServer";
    switch (shows) {
        case undefined:
            return ok(
                check,
                `it was not asked: ${stopped ? "the cluster is stopped" : verify === "off" ? "verify is off" : "that takes a command in the cluster"}`,
            );
        case "sameCa":
            return judgeAuthentication(
                `${server} can be reached, and its certificate is of the cluster CA`,
                authentication,
            );
        case "anotherCa":
            return {
                check,
                status: "warns",
                message: `${server} has a certificate of another CA than the credentials that Azure hands out`,
                advice: "An earlier rotation may not have reached them yet, or a proxy between has a certificate of its own.",
            };
        case "unreachable":
            return {
                check,
                status: "warns",
                message: throughCommand
                    ? `${server} could not be asked by a command in the cluster`
                    : `${server} cannot be reached from this machine${reason === undefined ? "" : `: ${reason}`}`,
                advice:
                    verify === "required"
                        ? 'Run this where it can be reached (private cluster, authorized IP ranges, VPN): with verify "required" nothing is rotated that cannot be verified.'
                        : "A rotation could not be verified from here.",
            };
    }
}

/** Whether the verification of a rotation can check the credentials, by what the API server says of those of now. */
function judgeAuthentication(reached: string, authentication: Authentication | Error | undefined): Finding {
    const check = "apiServer";
    if (authentication === undefined || authentication === "authenticated") {
        return ok(check, authentication === undefined ? reached : `${reached}; it accepts the credentials`);
    }
    if (authentication === "refused") {
        return {
            check,
            status: "warns",
            message: `${reached}, but it does not accept the credentials that Azure hands out`,
            advice:
                "A rotation renews certificates; a sign-in to Microsoft Entra ID that is refused before it may be refused " +
                "after it, and then it cannot be verified.",
        };
    }
    if (authentication instanceof Error) {
        return {
            check,
            status: "warns",
            message: `${reached}, but whether it accepts the credentials is not known: ${wordsOf(authentication).replace(/\.$/, "")}`,
            advice: "After a rotation the same would be checked.",
        };
    }
    return {
        check,
        status: "warns",
        message: `${reached}, but whether it accepts the credentials cannot be checked: ${authentication.unanswerable}`,
        advice: "After a rotation that is recorded as not checked; the CA and the API server's certificate are checked.",
    };
}
