import type { ApiServerShows } from "../outside";
import type { VerifyMode } from "../settings";
import { type Finding, ok } from "./finding";

/**
 * Whether the API server can be reached from here, and has a certificate of the CA that Azure hands out. It warns: the
 * rotation itself needs no API server, and `verify` decides what its verification needs.
 *
 * @param shows undefined where it was not asked
 * @param reason why it cannot be reached, where that is known
 */
export function judgeApiServer(
    shows: ApiServerShows | undefined,
    {
        server,
        stopped,
        verify,
        throughCommand = false,
        reason,
    }: { server: string; stopped: boolean; verify: VerifyMode; throughCommand?: boolean; reason?: string | undefined },
): Finding {
    const check = "apiServer";
    switch (shows) {
        case undefined:
            return ok(
                check,
                `it was not asked: ${stopped ? "the cluster is stopped" : verify === "off" ? "verify is off" : "that takes a command in the cluster"}`,
            );
        case "sameCa":
            return ok(check, `${server} can be reached, and its certificate is of the cluster CA`);
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
