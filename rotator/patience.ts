import { isRestError } from "@azure/core-rest-pipeline";
import { isTransient } from "../azure/explain";
import { MAX_ATTEMPTS } from "./decide";

/** What asking again may mend, in a run that Azure has answered before. */
export class Patience {
    private unauthorized = 0;

    /**
     * Whether to ask again after an error: always where it is the network or the service; where a token is refused that was
     * taken before, twice in a row, since a rotation is longer than some disturbances of a sign-in, and than some tokens.
     */
    bears(error: unknown): boolean {
        if (isRestError(error) && error.statusCode === 401) {
            this.unauthorized += 1;
            return this.unauthorized < MAX_ATTEMPTS;
        }
        return isTransient(error);
    }

    /** Azure has answered. */
    renew(): void {
        this.unauthorized = 0;
    }
}
