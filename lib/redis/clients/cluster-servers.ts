/** The servers of a cluster by their addresses, so that the same one is always the same object. Pure. */
export class ClusterServer {
  readonly host: string;
  readonly port: number;

  constructor(host: string, port: number) {
    this.host = host;
    this.port = port;
  }
}

export class ClusterServers {
  readonly #known = new Map<string, ClusterServer>();

  /** @param address `host:port` */
  at(address: string): ClusterServer {
    let server = this.#known.get(address);
    if (!server) {
      const end = address.lastIndexOf(":");
      this.#known.set(address, (server = new ClusterServer(address.slice(0, end), Number(address.slice(end + 1)))));
    }
    return server;
  }
}
