/** Where a tool was got from. */
export type Source = "PATH" | "KUBEBUILDER_ASSETS" | "cache" | "download" | "go build";

/** A program that is there and runs. */
export interface Tool {
    /** The program's name, without any `.exe`: `pulumi`, `etcd`, `kube-apiserver`, `kube-controller-manager`. */
    name: string;
    /** Its version without a leading v, e.g. `1.36.3`. */
    version: string;
    /** Absolute path of the executable. */
    path: string;
    source: Source;
}

/** Takes one line of news for a person to read, without a line break. */
export type Progress = (line: string) => void;
