import * as pulumi from "@pulumi/pulumi";
import { CertificateRotation, type CertificateRotationArgs } from "../../components";

/** A provider that makes the component in a process of its own, as for programs in other languages. */
class RemoteComponent implements pulumi.provider.Provider {
    readonly version = "0.0.1";

    async construct(
        name: string,
        _type: string,
        args: pulumi.Inputs,
        opts: pulumi.ComponentResourceOptions,
    ): Promise<pulumi.provider.ConstructResult> {
        const { urn, rotation } = new CertificateRotation(name, args as CertificateRotationArgs, opts);
        return { urn, state: { rotation } };
    }
}

void pulumi.provider.main(new RemoteComponent(), process.argv.slice(2));
