/** A session without a cookie, as apps write it that use the store alone: no phase of the move stumbles over it. */
import type { SessionData } from "express-session";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { bringTo, on, phases } from "./moving.js";

const bare = (values: object) => values as unknown as SessionData;

test.each(phases.filter((phase) => phase !== "finished"))(
  "a row without a cookie is read, changed, touched and destroyed (%s)",
  async (phase) => {
    const { store } = await on.process();
    await bringTo(phase);
    const { get, set, touch, destroy } = store;
    for (let n = 0; n < 20; n++) {
      const sid = `row-${n}`;
      on.legacy.texts[sid] = JSON.stringify({ n });
      expect(await promisify(get).call(store, sid)).toMatchObject({ n });
      await promisify(set).call(store, sid, bare({ n: "changed" }));
      await promisify(touch).call(store, sid, bare({ n: "changed" }));
      expect(await promisify(get).call(store, sid)).toMatchObject({ n: "changed" });
      expect(on.legacy.sessionOf(sid)).toMatchObject({ n: "changed" });
      await promisify(destroy).call(store, sid);
      expect((await promisify(get).call(store, sid)) ?? null).toBeNull();
    }
  },
);
