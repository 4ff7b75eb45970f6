import { createServer } from "node:http";
import { redisSession } from "holdfast";
import { console as operatorConsole } from "holdfast/console";

const sessions = redisSession({ secret: "a secret of at least 32 characters" });
await sessions.ready();
const pages = operatorConsole({ sessions });
const server = createServer((req, res) => pages(req, res, () => res.end())).listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));
const url = `http://127.0.0.1:${server.address().port}/`;
const page = await (await fetch(url)).text();
const assets = [...page.matchAll(/(?:href|src)="\.\/(assets\/[^"]+)"/g)].map(([, path]) => path);
const statuses = await Promise.all(assets.map(async (path) => (await fetch(url + path)).status));
await pages.close();
server.closeAllConnections();
server.close();
await sessions.close();
process.stdout.write(JSON.stringify([page.includes("<h1 data-headline"), ...statuses]));
