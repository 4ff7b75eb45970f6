/** Who may come in. */
import type { IncomingMessage } from "node:http";
import { warnOnce, codes } from "../../errors/index.js";
import type { ConsoleOptions } from "../options.js";

/** An operator's name is only known if `authorize` tells it. */
type Access = { readonly operator: string | undefined } | { readonly refusal: string };

export async function accessOf(req: IncomingMessage, authorize: ConsoleOptions["authorize"]): Promise<Access> {
  if (!authorize) return isLocal(req) ? { operator: undefined } : refuseStrangers();
  const verdict: unknown = await authorize(req);
  if (verdict === true) return { operator: undefined };
  if (typeof verdict === "string" && verdict !== "") return { operator: verdict };
  return { refusal: "You may not see this. Log in as an operator first." };
}

function refuseStrangers(): Access {
  warnOnce(
    codes.CONSOLE_CLOSED,
    "The console refused a request from another machine, or one that came through a proxy. " +
      "Give console() the option `authorize`, a function that says who may come in.",
  );
  return { refusal: "Without the option `authorize`, the console only answers on the machine that it runs on." };
}

/** Headers that proxies add, and no browser: `Forwarded`, `X-Forwarded-Proto`, `X-Real-IP`, `CF-Connecting-IP` and so on. */
const proxyHeader = /^(forwarded|via)$|^x-(forwarded|original|envoy|arr|amzn)|ip$/;

/**
 * The connection comes from this machine, through no proxy, to a name of this machine. The name of another site that
 * was made to resolve to this machine does not count. nginx, set up with `proxy_pass` alone, adds no header and replaces
 * the name; only its HTTP/1.0 gives it away.
 */
function isLocal(req: IncomingMessage): boolean {
  const isThisMachine = /^(127\.|::1$|::ffff:127\.)/.test(req.socket.remoteAddress ?? "");
  const isForwarded = req.httpVersion === "1.0" || Object.keys(req.headers).some((name) => proxyHeader.test(name));
  const isOwnName = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i.test(req.headers.host ?? "");
  return isThisMachine && !isForwarded && isOwnName;
}
