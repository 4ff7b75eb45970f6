// The login storm: visitors arrive two a second; each registers, and then, until the time is over, logs in, looks at pages,
// fills a cart and logs out. In a calm shop, and while a crowd looks at pages that write their sessions.
import { createVisitors } from "../../measure.mjs";
import { sample, withSetUp } from "../set-up.mjs";

export const title = "Login storm";
export const arrivalsPerSecond = 2;

const sites = [
  { variant: "holdfast", name: "Holdfast" },
  { variant: "connect-pg-simple", name: "connect-pg-simple" },
];
/** `crowd`: page views a second of others meanwhile. */
const storms = [
  { name: "50 visitors", visitors: 50, crowd: 0 },
  { name: "50 visitors, 1,500 page views a second meanwhile", visitors: 50, crowd: 1500 },
  { name: "100 visitors", visitors: 100, crowd: 0 },
];

export function steps() {
  return sites.length * storms.length;
}

export async function run({ quick, seconds = quick ? 6 : 300, step }) {
  const rows = [];
  for (const storm of storms) {
    for (const site of sites) {
      step(`${site.name}: ${storm.name}`);
      rows.push(await measure(storm, site, { quick, seconds }));
    }
  }
  return { arrivalsPerSecond, seconds, rows };
}

async function measure(storm, site, { quick, seconds }) {
  return withSetUp(async (setUp) => {
    const redis = await setUp.redis();
    const postgres = site.variant === "holdfast" ? undefined : await setUp.postgres();
    const order = { variant: site.variant, redisUrl: redis.url, postgresUrl: postgres?.url };
    const app = setUp.part("loadtest/login-app.mjs", order);
    const { port } = await app.next();
    const crowd = storm.crowd > 0 && (await gather({ port }, setUp, quick));
    const memoryOf = sample(() => redis.memory());
    const visitors = setUp.part("loadtest/login-visitors.mjs", {
      port,
      visitors: storm.visitors,
      seconds,
      arrivalsPerSecond: quick ? 10 : arrivalsPerSecond,
      name: "v",
    });
    const [seen, meanwhile] = await Promise.all([
      visitors.next(),
      crowd ? crowd.view(storm.crowd, seconds) : undefined,
    ]);
    const memory = await memoryOf();
    return { storm: storm.name, site: site.name, ...figures(seen), meanwhile, memory };
  });
}

/** The crowd, with a session of 2.5 KB each. */
async function gather({ port }, setUp, quick) {
  const generator = await setUp.generator();
  const cookies = await createVisitors({ port }, quick ? 50 : 500);
  const view = (rate, seconds) => generator.ask("rate", { ports: [port], cookies, path: "/write", rate, seconds });
  await view(500, quick ? 1 : 5);
  return { view };
}

function figures({ logins: succeeded, loginsMissed, login, page, requests, failures }) {
  const logins = succeeded + loginsMissed;
  const unexpected = Object.values(failures).reduce((sum, count) => sum + count, 0);
  const serverErrors = Object.entries(failures)
    .filter(([status]) => !/^[1-4]\d\d$/.test(status))
    .reduce((sum, [, count]) => sum + count, 0);
  return {
    logins,
    loginSuccess: logins === 0 ? 0 : succeeded / logins,
    login,
    page,
    requests,
    requestSuccess: 1 - unexpected / requests,
    serverErrors,
    failures,
  };
}
