import assert from "node:assert/strict";
import { armErrorParts } from "../../azure/arm-error";
import { classifyOperation, classifyOperationError, isOperationInProgress } from "../../azure/azure-errors";

const LOCKED =
    "The scope '/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/blue' cannot perform " +
    "write operation because following scope(s) are locked: '/subscriptions/s/resourceGroups/g'. Please remove the lock and " +
    "try again.";
const QUOTA =
    "Operation could not be completed as it results in exceeding approved Total Regional Cores quota. Additional details - " +
    "Deployment Model: Resource Manager, Location: westeurope, Current Limit: 10, Current Usage: 8, Additional Required: 8, " +
    "(Minimum) New Limit Required: 16.";
const SKU =
    "The requested VM size for resource 'Following SKUs have failed for Capacity Restrictions: Standard_D2s_v5' is currently " +
    "not available in location 'westeurope'. Please try another size or deploy to a different location or different zone.";
const EXPIRED =
    "AADSTS7000222: The provided client secret keys for app 'a' are expired. Visit the Azure portal to create new keys for " +
    "your app.";
const PREEMPTED = "This operation has been preempted by another operation with ID 5e0f";

describe("an error of Azure", () => {
    const escapedTwice = JSON.stringify(
        JSON.stringify({ status: "Failed", error: { code: "SkuNotAvailable", message: SKU } }),
    );
    const shapes: [where: string, error: unknown, code: string | undefined, message: string][] = [
        ["at the top", { code: "ScopeLocked", message: LOCKED }, "ScopeLocked", LOCKED],
        ["in `error`", { error: { code: "ScopeLocked", message: LOCKED } }, "ScopeLocked", LOCKED],
        [
            "as AKS answers, without an envelope",
            { code: "ScopeLocked", details: null, message: LOCKED, subcode: "" },
            "ScopeLocked",
            LOCKED,
        ],
        [
            "in `details` of `details`",
            {
                code: "DeploymentFailed",
                message: "At least one resource deployment operation failed.",
                details: [
                    {
                        code: "ResourceDeploymentFailure",
                        message: "The resource operation completed with terminal provisioning state 'Failed'.",
                        details: [{ code: "SkuNotAvailable", message: SKU, details: [] }],
                    },
                ],
            },
            "SkuNotAvailable",
            SKU,
        ],
        [
            "in `innererror`",
            { code: "BadRequest", message: "", innererror: { code: "SkuNotAvailable", message: SKU } },
            "SkuNotAvailable",
            SKU,
        ],
        [
            "in JSON inside `message`",
            {
                code: "Conflict",
                message: `{\r\n  "status": "Failed",\r\n  "error": {"code": "SkuNotAvailable", "message": ${JSON.stringify(SKU)}}}`,
            },
            "SkuNotAvailable",
            SKU,
        ],
        ["in JSON escaped twice", { code: "Conflict", message: escapedTwice }, "SkuNotAvailable", SKU],
        [
            "in JSON escaped once too often, without quotes",
            { code: "Conflict", message: escapedTwice.slice(1, -1) },
            "SkuNotAvailable",
            SKU,
        ],
        [
            "in JSON behind words",
            {
                code: "CreateVMSSAgentPoolFailed",
                message: `Reconcile failed: {"code":"SkuNotAvailable","message":"No."}`,
            },
            "SkuNotAvailable",
            "No.",
        ],
        [
            "in the words of Azure's clients in Go",
            {
                code: "ReconcileVMSSAgentPoolFailed",
                message: `VMSSAgentPoolReconciler retry failed: autorest/azure: Service returned an error. Status=409 Code="SkuNotAvailable" Message="${SKU}" Target="sku.name"`,
            },
            "SkuNotAvailable",
            SKU,
        ],
        [
            "in the words of Azure's newer clients in Go",
            `PUT https://management.azure.com/x\n-----\nRESPONSE 409: 409 Conflict\nERROR CODE: SkuNotAvailable\n-----\n{\n  "error": {\n    "code": "SkuNotAvailable",\n    "message": "No."\n  }\n}\n-----`,
            "SkuNotAvailable",
            "No.",
        ],
        [
            "in `details` with a code that says more outside",
            {
                code: "QuotaExceeded",
                message: `Code="OperationNotAllowed" Message="${QUOTA}"`,
                details: [{ code: "OperationNotAllowed", message: QUOTA }],
            },
            "OperationNotAllowed",
            QUOTA,
        ],
        ["without a code", { message: "It failed." }, undefined, "It failed."],
        ["without a message", { code: "InternalOperationError" }, "InternalOperationError", "Azure gives no reason"],
        ["that is null", null, undefined, "Azure gives no reason"],
        ["that is empty", {}, undefined, "Azure gives no reason"],
        ["that is missing", undefined, undefined, "Azure gives no reason"],
        ["that is a number", 5, undefined, "Azure gives no reason"],
        ["that is a text", "upstream\r\n connect\u0007 error", undefined, "upstream connect error"],
        [
            "that is an HTML page",
            "<!DOCTYPE html>\n<html><head><title>Access denied</title></head><body>…</body></html>",
            undefined,
            'an HTML page, "Access denied"',
        ],
        ["that quotes a name", { message: 'The node pool "np1" failed.' }, undefined, 'The node pool "np1" failed.'],
        [
            "whose members are of other types",
            { error: { code: { a: 1 }, message: ["x"], details: "none", innererror: 7 } },
            undefined,
            "none",
        ],
    ];
    for (const [where, error, code, message] of shapes) {
        it(`${where} is read`, () => {
            const read = classifyOperationError(error);
            assert.equal(read.code, code);
            assert.equal(read.message, message.length > 300 ? `${message.slice(0, 299)}…` : message);
            assert.equal(read.text, code === undefined ? read.message : `${code}: ${read.message}`);
        });
    }

    it("of 50,000 characters is cut, on one line", () => {
        for (const error of ["x\n".repeat(25_000), { code: "c".repeat(50_000), message: "é😀".repeat(17_000) }]) {
            const { code, message } = classifyOperationError(error);
            assert.equal(code, undefined);
            assert.ok(message.length <= 300 && message.length > 290 && !message.includes("\n"));
            assert.doesNotMatch(message, /[\uD800-\uDBFF](?![\uDC00-\uDFFF])/);
        }
    });

    it("that is deep or hostile is read in no time", () => {
        const nested = `${'{"details":['.repeat(5000)}{"code":"A"}${"]}".repeat(5000)}`;
        const quotes = '\\"'.repeat(30_000);
        const began = performance.now();
        for (const error of [JSON.parse(nested), nested, "[".repeat(60_000), quotes, 'Code="'.repeat(10_000)]) {
            assert.ok(classifyOperationError({ code: "Failed", message: error, details: error }).text.length < 500);
        }
        assert.ok(performance.now() - began < 1000);
    });

    it("has as many parts as are in it, the innermost last", () => {
        assert.deepEqual(
            armErrorParts({
                code: "A",
                message: "a",
                details: [{ code: "B" }, { message: "c", innererror: { code: "D" } }],
            }),
            [{ code: "A", message: "a" }, { code: "B" }, { message: "c" }, { code: "D" }],
        );
    });
});

describe("the cause of a failed operation", () => {
    const causes: [kind: string, error: object, advice: RegExp][] = [
        ["lasting", { code: "ScopeLocked", message: LOCKED }, /management lock/],
        [
            "lasting",
            {
                code: "ScaleVMSSAgentPoolFailed",
                message: "Resource group 'MC_g_b' under subscription: 's' is locked, please remove lock and retry.",
            },
            /management lock/,
        ],
        [
            "lasting",
            { code: "RequestDisallowedByPolicy", message: "Resource 'aks-np-vmss' was disallowed by policy." },
            /Policy assignment/,
        ],
        ["lasting", { code: "QuotaExceeded", message: QUOTA }, /more quota/],
        ["lasting", { code: "OperationNotAllowed", message: QUOTA }, /more quota/],
        [
            "lasting",
            {
                code: "OperationNotAllowed",
                message:
                    "Operation results in exceeding quota limits of Core. Maximum allowed: 100, Current in use: 100, Additional requested: 8.",
            },
            /more quota/,
        ],
        [
            "lasting",
            { code: "ErrCode_InsufficientVCPUQuota", message: "left regional vcpu quota 0, requested quota 2" },
            /more quota/,
        ],
        ["lasting", { code: "InsufficientVCPUQuota", message: "" }, /more quota/],
        [
            "lasting",
            {
                code: "ServicePrincipalValidationClientError",
                message: `adal: Refresh request failed. Status Code = '401'. Response body: ${JSON.stringify({ error: "invalid_client", error_description: `${EXPIRED}\r\nTrace ID: 1`, error_codes: [7000222] })} Endpoint https://login.microsoftonline.com/t/oauth2/token`,
            },
            /cluster's own service principal.*az aks update-credentials/,
        ],
        ["lasting", { code: "BadRequest", message: EXPIRED }, /az aks update-credentials/],
        [
            "lasting",
            {
                code: "BadRequest",
                message:
                    "The credentials in ServicePrincipalProfile were invalid. Please see https://aka.ms/aks-sp-help for more details.",
            },
            /az aks update-credentials/,
        ],
        ["capacity", { code: "SkuNotAvailable", message: SKU }, /Try again later/],
        [
            "capacity",
            { code: "OverconstrainedZonalAllocationRequest", message: "Allocation failed." },
            /Try again later/,
        ],
        ["capacity", { code: "OverconstrainedAllocationRequest", message: "Allocation failed." }, /Try again later/],
        ["capacity", { code: "ZonalAllocationFailed", message: "Allocation failed." }, /Try again later/],
        ["capacity", { code: "AllocationFailed", message: "Allocation failed." }, /Try again later/],
        ["preempted", { code: "AKSOperationPreempted", message: PREEMPTED }, /Another operation/],
    ];
    for (const [kind, error, advice] of causes) {
        const { code } = error as { code: string };
        it(`${code} is ${kind}, wherever it stands`, () => {
            for (const whole of [
                error,
                { error },
                { code: "InternalOperationError", message: "It failed.", details: [error] },
                { error: { code: "Conflict", message: JSON.stringify({ error }) } },
            ]) {
                const classified = classifyOperationError(whole);
                assert.equal(classified.kind, kind);
                assert.match(classified.advice ?? "", advice);
            }
        });
    }

    it("names the code of Entra, not the one around it", () => {
        const [, error] =
            causes.find(([, { code }]: [string, { code?: string }, RegExp]) => code === "BadRequest") ?? [];
        assert.equal(classifyOperationError(error).code, "AADSTS7000222");
    });

    it("is other where nothing is known of it", () => {
        for (const error of [
            { code: "InternalOperationError", message: "Internal server error." },
            {
                code: "OperationNotAllowed",
                message: "The server rejected the request because too many requests have been received.",
            },
            {
                code: "AKSOperationPreemptedByDelete",
                message: "This operation has been preempted by Deleting operation.",
            },
            {
                code: "OperationPreempted",
                message: "Operation execution has been preempted by a more recent operation.",
            },
            { code: "BadRequest", message: "AADSTS90033: A transient error has occurred. Please try again." },
            null,
            "quota",
        ]) {
            assert.equal(classifyOperationError(error).kind, "other");
        }
    });

    it("is the lasting one, where there is one among several", () => {
        const details = [
            { code: "ZonalAllocationFailed", message: "Allocation failed." },
            { code: "QuotaExceeded", message: QUOTA },
            { code: "SkuNotAvailable", message: SKU },
        ];
        const { kind, code } = classifyOperationError({ code: "InternalOperationError", message: "", details });
        assert.deepEqual([kind, code], ["lasting", "QuotaExceeded"]);
    });
});

describe("the status of an operation", () => {
    const error = { code: "AKSOperationPreempted", message: PREEMPTED };

    it("has the error of one that failed, or was canceled", () => {
        for (const status of ["Failed", "Canceled"]) {
            assert.equal(classifyOperation({ status, error })?.kind, "preempted");
            assert.equal(classifyOperation({ status, error: null, properties: { error } })?.kind, "preempted");
        }
    });

    it("has no reason where somebody has aborted the operation", () => {
        for (const body of [{ status: "Canceled" }, { status: "Canceled", error: null }]) {
            assert.deepEqual(classifyOperation(body), {
                kind: "other",
                message: "Azure gives no reason",
                text: "Azure gives no reason",
            });
        }
    });

    it("has none before its end, where it succeeded, and where it is no status", () => {
        for (const body of [
            { status: "InProgress", error },
            { status: "Succeeded", error },
            {},
            null,
            undefined,
            "Failed",
            [],
        ]) {
            assert.equal(classifyOperation(body), undefined);
        }
    });
});

describe("a 409", () => {
    const passing: [code: string | undefined, message: string][] = [
        [
            "OperationNotAllowed",
            "Operation is not allowed because there's an in progress update managed cluster operation (operation ID: 1) on the managed cluster started on UTC 2026-01-01T00:00:00Z. Please wait for it to finish before starting a new operation.",
        ],
        [
            "OperationNotAllowed",
            "Operation is not allowed: Another operation (Updating) is in progress, please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details",
        ],
        [
            "OperationNotAllowed",
            "Operation is not allowed: Another agentpool operation (nodepool1 - Creating) is in progress, please wait for it to finish before starting a new operation.",
        ],
        ["EtagMismatch", "Another operation is in progress"],
        ["Conflict", "Another operation is in progress on this resource."],
    ];
    for (const [code, message] of passing) {
        it(`of another operation is waited for: ${code}, "${message.slice(0, 60)}"`, () => {
            assert.equal(isOperationInProgress({ code, message, details: null, subcode: "" }), true);
            assert.equal(isOperationInProgress({ error: { code, message } }), true);
        });
    }
    const lasting: [code: string, message: string][] = [
        ["ScopeLocked", LOCKED],
        ["OperationNotAllowed", QUOTA],
        [
            "OperationNotAllowed",
            "managed cluster is in Provisioning State(Succeeded) and Power State(Stopped), stopping cannot be performed",
        ],
        ["OperationNotAllowed", `${QUOTA} Another operation is in progress.`],
        ["ReadOnlyDisabledSubscription", "The subscription 's' is disabled and therefore marked as read only."],
        [
            "MissingSubscriptionRegistration",
            "The subscription is not registered to use namespace 'Microsoft.ContainerService'.",
        ],
        [
            "ResourceGroupBeingDeleted",
            "The resource group 'g' is in deprovisioning state and cannot perform this operation.",
        ],
        ["Unknown", "A new feature is in progress."],
        ["Conflict", ""],
    ];
    for (const [code, message] of lasting) {
        it(`that is for good is not waited for: ${code}, "${message.slice(0, 60)}"`, () => {
            assert.equal(isOperationInProgress({ code, message }), false);
        });
    }

    it("that is no error of Azure is not waited for", () => {
        for (const body of [undefined, null, "", "<html>Conflict</html>", {}, []]) {
            assert.equal(isOperationInProgress(body), false);
        }
    });
});
