/** A provider of logins, as small as OAuth 2 and OpenID Connect allow: codes with PKCE, each used once. */
import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface OAuthProvider {
  readonly url: string;
  /** Who logs in there next; undefined: they refuse. */
  user: { sub: string; name: string } | undefined;
  /** What it was asked to authorize, the latest last. */
  readonly asked: URLSearchParams[];
  close(): void;
}

export const credentials = { CLIENT_ID: "shop", CLIENT_SECRET: "hush" };

export async function startProvider(): Promise<OAuthProvider> {
  const codes = new Map<string, { challenge: string; user: object }>();
  const tokens = new Map<string, object>();
  const server = createServer(async (req, res) => {
    const url = new URL(req.url!, provider.url);
    const answer = (status: number, body: object) =>
      res.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    if (url.pathname === "/authorize") {
      const wanted = url.searchParams;
      provider.asked.push(wanted);
      const back = new URL(wanted.get("redirect_uri")!);
      back.searchParams.set("state", wanted.get("state")!);
      if (!provider.user) back.searchParams.set("error", "access_denied");
      else {
        const code = randomBytes(16).toString("hex");
        codes.set(code, { challenge: wanted.get("code_challenge")!, user: provider.user });
        back.searchParams.set("code", code);
      }
      return res.writeHead(302, { Location: String(back) }).end();
    }
    if (url.pathname === "/token") {
      const given = new URLSearchParams(await text(req));
      const known = codes.get(given.get("code") ?? "");
      codes.delete(given.get("code") ?? "");
      const challenge = createHash("sha256")
        .update(given.get("code_verifier") ?? "")
        .digest("base64url");
      const isClient = given.get("client_id") === "shop" && given.get("client_secret") === "hush";
      if (!known || known.challenge !== challenge || !isClient) return answer(400, { error: "invalid_grant" });
      const token = randomBytes(16).toString("hex");
      tokens.set(token, known.user);
      return answer(200, { access_token: token, token_type: "Bearer" });
    }
    const user = tokens.get(req.headers.authorization?.replace("Bearer ", "") ?? "");
    return user ? answer(200, user) : answer(401, {});
  });
  const provider: OAuthProvider = {
    url: "",
    user: undefined,
    asked: [],
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(provider, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}
