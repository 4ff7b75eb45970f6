// Sessions, accounts and logins of the login storm on Holdfast.
import { redisSession } from "holdfast";
import { activityRules, commonPasswords, localAuth, RedisAccounts } from "holdfast/auth";

export async function holdfastSite(url) {
  const sessions = redisSession({ url, secret: "a secret of the benchmark, long enough", merge: activityRules });
  await sessions.ready();
  const accounts = new RedisAccounts({ client: sessions.client });
  const auth = localAuth({ sessions, accounts, isCommonPassword: commonPasswords() });
  const { logIn, logOut } = auth.json();
  return {
    middleware: [sessions, auth.middleware],
    logIn,
    logOut,
    async register(req, res) {
      const result = await auth.register(req.body, req); // without the login, which is measured by itself
      res.status(result.ok ? 201 : 422).json(result);
    },
  };
}
