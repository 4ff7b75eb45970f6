// The load generator, in a process of its own: open-loop rates, and visitors who ask for one page after the other.
import { answer } from "../answers.mjs";
import { histogram, record, summary } from "./latencies.mjs";
import { openLoop } from "./open-loop.mjs";
import { PageViews } from "./page-views.mjs";

answer({ rate, pages });

/** Page views at a fixed rate; afterwards the visitors' counters are read, to see which updates are missing. */
async function rate({ ports, cookies, path, rate, seconds }) {
  const views = new PageViews({ ports, cookies, path });
  const before = await counted(views);
  const result = await openLoop({ rate, seconds, send: () => views.send() });
  const after = await counted(views);
  views.close();
  return { ...result, lost: path === "/write" ? Math.max(0, result.answered - (after - before)) : 0 };
}

/** Each visitor asks for `count` pages, one after the other, all visitors at once. */
async function pages({ ports, cookies, path, count }) {
  const latencies = histogram();
  const began = performance.now();
  const each = await Promise.all(
    cookies.map(async (cookie) => {
      const views = new PageViews({ ports, cookies: [cookie], path });
      const before = await counted(views);
      let failed = 0;
      for (let page = 0; page < count; page++) {
        const start = performance.now();
        const isRight = await views.send().catch(() => false);
        record(latencies, performance.now() - start);
        if (!isRight) failed++;
      }
      const kept = (await counted(views)) - before;
      views.close();
      return { failed, lost: Math.max(0, count - failed - kept) };
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  const sum = (name) => each.reduce((total, one) => total + one[name], 0);
  return { requests: cookies.length * count, seconds, failed: sum("failed"), lost: sum("lost"), ...summary(latencies) };
}

async function counted(views) {
  const each = await Promise.all(Array.from({ length: views.count }, (_, index) => views.viewsOf(index)));
  return each.reduce((sum, one) => sum + one, 0);
}
