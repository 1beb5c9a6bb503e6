import type { TokenCredential } from "@azure/identity";

/**
 * Tenants in which tokens may be asked for besides the sign-in's own, as the Azure SDK is to be told: it compares them letter
 * by letter with the one that is asked for, which is an id. So where one of them is a domain, all are let through; whether
 * there is a token is Entra's to say in any case.
 *
 * @param tenantId the sign-in's own; undefined where that is left to the means
 * @param auxiliary the others that are named
 */
export function allowedTenants(tenantId: string | undefined, auxiliary: readonly string[]): string[] {
    const named = [tenantId, ...auxiliary].filter((tenant) => tenant !== undefined);
    return named.every((tenant) => isId.test(tenant)) ? auxiliary.map((tenant) => tenant.toLowerCase()) : ["*"];
}

const isId = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/**
 * Lets a tenant be asked for in upper or lower case, as Entra takes it: the Azure SDK would refuse what is not written as it
 * was given.
 *
 * @param tenantId the sign-in's own
 */
export function ignoreCaseOfTenant(credential: TokenCredential, tenantId: string | undefined): TokenCredential {
    return {
        getToken: (scopes, options) => {
            const asked = options?.tenantId?.toLowerCase();
            const other = asked === tenantId?.toLowerCase() ? undefined : asked;
            return credential.getToken(scopes, { ...options, tenantId: other });
        },
    };
}
