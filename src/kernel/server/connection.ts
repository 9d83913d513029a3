import { readFileSync } from "node:fs";

/** The connection file that Jupyter writes for a kernel. */
export interface Connection {
  transport: "tcp" | "ipc";
  ip: string;
  key: string;
  signature_scheme: string;
  shell_port: number;
  control_port: number;
  iopub_port: number;
  stdin_port: number;
  hb_port: number;
}

class ConnectionFileError extends Error {
  override name = "ConnectionFileError";
}

const PORTS = ["shell_port", "control_port", "iopub_port", "stdin_port", "hb_port"] as const;

export function readConnection(path: string): Connection {
  let connection: Connection;
  try {
    connection = JSON.parse(readFileSync(path, "utf8")) as Connection;
  } catch (error) {
    throw new ConnectionFileError(`Cannot read the connection file ${path}: ${(error as Error).message}`);
  }
  for (const port of PORTS) {
    if (!Number.isInteger(connection[port])) {
      throw new ConnectionFileError(`The connection file ${path} has no valid ${port}: ${connection[port]}`);
    }
  }
  const scheme = connection.signature_scheme ?? "hmac-sha256";
  if (!/^hmac-\w+$/.test(scheme)) {
    throw new ConnectionFileError(`Unknown signature_scheme "${scheme}" in ${path}: expected hmac-sha256`);
  }
  return {
    ...connection,
    signature_scheme: scheme,
    key: connection.key ?? "",
    transport: connection.transport ?? "tcp",
  };
}

/** The ports alone, as `connect_reply` has them. */
export const portsOf = (connection: Connection): Pick<Connection, (typeof PORTS)[number]> =>
  Object.fromEntries(PORTS.map((port) => [port, connection[port]])) as Pick<Connection, (typeof PORTS)[number]>;

/** ZeroMQ address of one of the kernel's five sockets. */
export function address({ transport, ip }: Connection, port: number): string {
  return transport === "ipc" ? `ipc://${ip}-${port}` : `tcp://${ip}:${port}`;
}
