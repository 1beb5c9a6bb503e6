import assert from "node:assert/strict";
import { explainAzure } from "../../components/explain-azure";
import { checks, type RotationRecord } from "../../formats/record";
import { type Report, summary } from "../../rehearsal/report";

const names = { resourceGroupName: "group", clusterName: "blue", subscriptionId: "sub", credentials: "user" } as const;
const invoke = "invocation of azure-native:containerservice:listManagedClusterUserCredentials returned an error: ";

/** As azure-native writes an answer of Azure Resource Manager. */
const request =
    "request failed /subscriptions/sub/resourceGroups/group/providers/Microsoft.ContainerService/managedClusters/blue/listClusterUserCredential: ";

describe("an error of azure-native", () => {
    const missing: [said: string, lines: RegExp][] = [
        [
            String.raw`Status=404 Code="ResourceNotFound" Message="The Resource \"x\" was not found."`,
            /^There is no cluster "blue" in resource group "group" \(Azure: ResourceNotFound\)\. Check clusterName\. .*AKS cluster\.\)$/,
        ],
        [
            'Status=404 Code="ResourceGroupNotFound" Message="Not found."',
            /^There is no resource group "group" in subscription sub \(Azure: ResourceGroupNotFound\)\. Check resourceGroupName\.$/,
        ],
        [
            'Status=404 Code="SubscriptionNotFound"',
            /^There is no subscription sub \(Azure: SubscriptionNotFound\), or not for this sign-in\. Check subscriptionId/,
        ],
        ["Status=404", /^There is no cluster "blue" in resource group "group" \(Azure: 404\)\. Check clusterName/],
    ];
    for (const [said, lines] of missing) {
        it(`"${said}" is no more than what is missing, and what to check`, () => {
            assert.match(explainAzure(invoke + request + said, names), lines);
        });
    }

    const cases: [said: string, advice: RegExp][] = [
        ['Status=403 Code="AuthorizationFailed"', /rotateClusterCertificates\/action/],
        ["AADSTS7000215: Invalid client secret", /did not accept the sign-in/],
        [
            "Getting static credential is not allowed because this cluster is set to disable local accounts",
            /has no local/,
        ],
        ["AADSTS7000215: Invalid client secret", /did not accept the sign-in\. .* is not a secret of the client/],
        [
            "POST https://login/00000000-0000-4000-8000-000000000001/oauth2/v2.0/token: AADSTS700016: Application",
            /did not accept the sign-in in tenant 00000000-0000-4000-8000-000000000001\. In tenant 0\S+ the client is not known/,
        ],
        ["AADSTS99999: New", /Check ARM_TENANT_ID, ARM_CLIENT_ID and the secret/],
        [
            "ClientSecretCredential: AADSTS7000222: Expired",
            /The secret in ARM_CLIENT_SECRET \(or clientSecret\) has expired/,
        ],
        [
            'Status=400 Code="ServicePrincipalValidationClientError" Message="AADSTS7000222: Expired"',
            /cluster's own service principal.*az aks update-credentials/,
        ],
        ["Please run 'az login'", /There are no Azure credentials: set ARM_CLIENT_ID/],
    ];
    for (const [said, advice] of cases) {
        it(`"${said}" comes with what to change`, () => {
            const explained = explainAzure(invoke + said, names);
            assert.match(explained, advice);
            assert.doesNotMatch(explained, /invocation of|request failed/);
            assert.match(explained, /^(Azure answered|Azure|AADSTS|POST|ClientSecretCredential|Getting|Please)/);
        });
    }

    it("has Azure's own words, without those around them", () => {
        const said = String.raw`Status=403 Code="AuthorizationFailed" Message="The client \"c\" does not have \"a\"."`;
        const [first, second] = explainAzure(invoke + request + said, names).split("\n");
        assert.equal(first, 'Azure answered 403 AuthorizationFailed: The client "c" does not have "a".');
        assert.match(second ?? "", /^The identity that signed in needs/);
        const broken = explainAzure(`${invoke}${request}Status=403 Code="AuthorizationFailed" Message="\\x"`, names);
        assert.ok(broken.startsWith("Azure answered 403 AuthorizationFailed: \\x\n"), broken);
    });

    it("that is none of these is left as it is", () => {
        for (const said of ['Status=500 Code="InternalServerError"', 'Status=429 Code="TooManyRequests"']) {
            assert.equal(explainAzure(invoke + said, names), invoke + said);
        }
    });
});

describe("the summary of a rehearsal", () => {
    const record = {
        generation: 2,
        outcome: "rotated",
        outage: { totalSeconds: 3, longestSeconds: 3 },
        verified: Object.keys(checks),
    } as unknown as RotationRecord;
    const object = { urn: "urn", uidBefore: "1", uidAfter: "1" };
    const report: Report = {
        pulumi: "3.259.0",
        kubernetes: "v1.36.3",
        plugins: {},
        rotations: 1,
        replaced: 0,
        downstream: [object, object, object, object],
        oldCredentials: { accepted: false, error: "x509: certificate signed by unknown authority" },
        newCredentials: { accepted: true },
        serverRotationSeconds: 10,
        overheadSeconds: 4,
    };
    const seen = { report, record, previewReplaces: 0, savedWorked: true, thirdChanged: 0, totalSeconds: 40 };

    it("holds when all of it does", () => {
        assert.equal(summary(seen).held, true);
    });

    const broken: [what: string, change: object][] = [
        ["a second rotation", { report: { ...report, rotations: 2 } }],
        ["a replacement", { report: { ...report, replaced: 1 } }],
        ["an announced replacement", { previewReplaces: 1 }],
        ["another UID", { report: { ...report, downstream: [object, object, object, { ...object, uidAfter: "2" }] } }],
        ["an object too few", { report: { ...report, downstream: [object, object, object] } }],
        ["old credentials that work", { report: { ...report, oldCredentials: { accepted: true } } }],
        [
            "old credentials that fail for another reason",
            { report: { ...report, oldCredentials: { accepted: false, error: "refused" } } },
        ],
        ["new credentials that fail", { report: { ...report, newCredentials: { accepted: false, error: "401" } } }],
        ["a change by the third up", { thirdChanged: 1 }],
        ["a check that was not made", { record: { ...record, verified: [] } }],
        ["no outage", { record: { ...record, outage: { totalSeconds: 0, longestSeconds: 0 } } }],
    ];
    for (const [what, change] of broken) {
        it(`does not hold with ${what}`, () => {
            assert.equal(summary({ ...seen, ...change }).held, false);
        });
    }
});
