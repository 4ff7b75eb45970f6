/** Does everything that a store does with its client, with both layouts; fails if anything is lost. */
import { expect } from "vitest";
import { RedisSessionStore } from "holdfast";
import { repositoryOf } from "../../lib/express-session/index.js";

/** New, read, changed, merged, refreshed, listed, destroyed. */
export async function serves(client: any): Promise<void> {
  for (const layout of ["json", "hash"] as const) {
    const store = new RedisSessionStore({ client, layout, prefix: `${layout}:`, touchInterval: 0 });
    const session: any = { cookie: { originalMaxAge: null }, n: 1 };
    await store.set("a", session);
    expect(await repositoryOf(store).transfer.secondsLeft("a")).toBeGreaterThan(86_000);
    const [one, other] = [await store.get("a"), await store.get("a")] as any[];
    await store.set("a", Object.assign(one, { n: 2 }));
    await store.set("a", Object.assign(other, { valueOf: "x" }));
    expect(await store.get("a")).toMatchObject({ n: 2, valueOf: "x" });
    await store.touch("a", (await store.get("a"))!);
    expect(await repositoryOf(store).transfer.put("a", session, { onlyIfAbsent: true })).toBe("there");
    expect(await store.ids()).toEqual(["a"]);
    expect(await store.all()).toMatchObject([{ id: "a", n: 2 }]);
    const late = (await store.get("a")) as any;
    await store.destroy("a");
    expect(await store.set("a", Object.assign(late, { n: 3 }))).toBe("gone");
    await store.set("b", session);
    await store.clear();
    expect(await store.length()).toBe(0);
    await store.close();
  }
}
