// One visitor with 100 pages, and 50 visitors at once with 30 pages each; every page writes the session.
import { withSetUp } from "../set-up.mjs";

export const title = "Visitors, page after page";

const variants = ["json", "hash", "connect-redis", "connect-pg-simple"];
const crowds = [
  { name: "one visitor, 100 pages", visitors: 1, pages: 100 },
  { name: "50 visitors at once, 30 pages each", visitors: 50, pages: 30 },
];

export function steps() {
  return variants.length;
}

export async function run({ quick, step }) {
  return withSetUp(async (setUp) => {
    const [redis, postgres] = [await setUp.redis(), await setUp.postgres()];
    const generator = await setUp.generator();
    const rows = [];
    for (const variant of variants) {
      step(variant);
      const app = await setUp.app(variant, { redis, postgres });
      for (const { name, visitors, pages } of crowds) {
        const order = { ports: app.ports, cookies: await setUp.visitors(app, visitors), path: "/write" };
        await generator.ask("pages", { ...order, count: quick ? 5 : 100 }); // so that V8 has compiled what it is going to compile
        rows.push({ crowd: name, variant, ...(await generator.ask("pages", { ...order, count: pages })) });
      }
    }
    return { rows };
  });
}
