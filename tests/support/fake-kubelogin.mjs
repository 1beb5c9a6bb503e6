/**
 * A fake of kubelogin, for tests: `get-token` with the flags that AKS writes, signed in by ARM_CLIENT_ID and
 * ARM_CLIENT_SECRET at the sign-in service of the cloud that ARM_METADATA_HOSTNAME describes. Each run adds a line to
 * the file FAKE_KUBELOGIN_LOG.
 */
import { appendFileSync } from "node:fs";

const args = process.argv.slice(2);
const flag = (name) => args[args.indexOf(`--${name}`) + 1];
appendFileSync(process.env.FAKE_KUBELOGIN_LOG, `${args.join(" ")}\n`);
const { ARM_CLIENT_ID, ARM_CLIENT_SECRET, ARM_METADATA_HOSTNAME, KUBERNETES_EXEC_INFO } = process.env;
const { apiVersion } = JSON.parse(KUBERNETES_EXEC_INFO);
const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: ARM_CLIENT_ID,
    client_secret: ARM_CLIENT_SECRET,
    scope: `${flag("server-id")}/.default`,
});
const answer = await fetch(`https://${ARM_METADATA_HOSTNAME}/${flag("tenant-id")}/oauth2/v2.0/token`, {
    method: "POST",
    body,
});
const { access_token: token } = await answer.json();
process.stdout.write(JSON.stringify({ kind: "ExecCredential", apiVersion, status: { token } }));
