/** What a role grants at a resource, as Azure's permissions API lists it. */
export interface Permission {
    actions?: readonly string[];
    /** What `actions` of the same role does not include. It denies nothing that another role grants. */
    notActions?: readonly string[];
}

/**
 * Whether permissions grant an action, as Azure RBAC reads them: one role is enough, `*` stands for any characters, also
 * a `/`, and upper and lower case are the same. Deny assignments are not in that list.
 *
 * Source: Azure's description of role definitions.
 */
export function isGranted(action: string, permissions: readonly Permission[]): boolean {
    return permissions.some(
        ({ actions = [], notActions = [] }) =>
            actions.some((pattern) => matches(pattern, action)) &&
            !notActions.some((pattern) => matches(pattern, action)),
    );
}

/** In linear time: the pattern is Azure's, and a regular expression could run for minutes over a hostile one. */
function matches(pattern: string, action: string): boolean {
    const text = action.toLowerCase();
    const [first = "", ...rest] = pattern.toLowerCase().split(/\*+/);
    const last = rest.pop();
    if (last === undefined) {
        return text === first;
    }
    let at = first.length;
    if (!text.startsWith(first)) {
        return false;
    }
    for (const part of rest) {
        const found = text.indexOf(part, at);
        if (found < 0) {
            return false;
        }
        at = found + part.length;
    }
    return text.length - last.length >= at && text.endsWith(last);
}
