// Registration and login over JSON, checked one by one and printed as JSON. Needs the native modules that hash passwords.
const { tryEach, expectEqual } = require("./try-each.cjs");
const { serve, visitor } = require("./visitor.cjs");

const username = `ada-${Date.now().toString(36)}`;
const credentials = { username, password: "correct horse battery" };

const logins = {
  async "who registers is logged in"({ url }) {
    const ada = visitor();
    expectEqual((await ada.visit(`${url}/register`, credentials)).status, 201);
    expectEqual((await ada.visit(`${url}/account`)).text, username);
  },
  async "the right password logs in, a wrong one does not"({ url }) {
    const [ada, guesser] = [visitor(), visitor()];
    expectEqual((await guesser.visit(`${url}/login`, { ...credentials, password: "wrong horse" })).status, 401);
    expectEqual((await guesser.visit(`${url}/account`)).status === 200, false);
    expectEqual((await ada.visit(`${url}/login`, credentials)).status, 200);
    expectEqual((await ada.visit(`${url}/account`)).text, username);
  },
  async "who logs out is logged out"({ url }) {
    const ada = visitor();
    await ada.visit(`${url}/login`, credentials);
    const tab = visitor(ada.cookie);
    expectEqual((await ada.visit(`${url}/logout`, {})).status, 200);
    expectEqual((await tab.visit(`${url}/account`)).status === 200, false);
  },
  async "a login that the user ends elsewhere is over"({ url }) {
    const [here, elsewhere] = [visitor(), visitor()];
    await here.visit(`${url}/login`, credentials);
    await elsewhere.visit(`${url}/login`, credentials);
    expectEqual((await here.visit(`${url}/end-others`, {})).status, 200);
    expectEqual((await elsewhere.visit(`${url}/account`)).status === 200, false);
    expectEqual((await here.visit(`${url}/account`)).status, 200);
  },
};

exports.logins = Object.keys(logins);

exports.tryLogins = async function tryLogins(app, sessions) {
  await sessions.ready();
  const server = await serve(app);
  const outcomes = await tryEach(logins, server);
  await server.close();
  await sessions.close();
  console.log(JSON.stringify(outcomes));
};
