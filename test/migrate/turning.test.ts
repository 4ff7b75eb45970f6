/** Turning the dial of a move, under traffic. */
import { describe, expect, onTestFinished, test } from "vitest";
import { onSignal } from "holdfast/ops";
import { Visitor } from "../support/web-site.js";
import { on, outcomeOf, seconds, thingsIn } from "./moving.js";
import { loggedIn, look, type Process } from "./two-stores.js";

describe("turning the dial", () => {
  const isBusy = (running: Promise<unknown>) => {
    const state = { busy: true };
    void running.catch(() => {}).finally(() => (state.busy = false));
    return state;
  };

  test("two processes follow within a second under traffic, and nothing is lost in either direction", async () => {
    on.legacy.slowness = 1;
    const processes: Process[] = [await on.process(), await on.process()];
    await on.turnTo(0);
    const visitors = await Promise.all(Array.from({ length: 20 }, (_, i) => loggedIn(processes[0]!.site, `v${i}`)));
    const kept = visitors.map(() => [] as string[]);
    let isOver = false;
    const traffic = visitors.map(async (visitor, i) => {
      for (let n = 0; !isOver; n++) {
        const name = `t${String(n).padStart(5, "0")}`;
        const { status } = await new Visitor(processes[n % 2]!.site, visitor.cookie).get(`/put?name=${name}`);
        if (status === 200) kept[i]!.push(name);
        const seen = await look(new Visitor(processes[(n + 1) % 2]!.site, visitor.cookie));
        expect(seen).toEqual({ user: `v${i}`, things: kept[i] });
      }
    });
    const took: number[] = [];
    for (const dial of [100, 37, 50, 0, 100]) {
      await on.move.turn(dial);
      const began = performance.now();
      await expect.poll(() => processes.every(({ store }) => store.state.dial === dial), seconds).toBe(true);
      took.push(performance.now() - began);
    }
    isOver = true;
    await Promise.all(traffic);
    expect(Math.max(...took)).toBeLessThan(1000);
    expect(kept.every((names) => names.length > 10)).toBe(true);
    for (const [i, visitor] of visitors.entries()) {
      expect(thingsIn(await on.inRedis(visitor.id))).toEqual(kept[i]);
      expect(thingsIn(on.legacy.sessionOf(visitor.id))).toEqual(kept[i]);
    }
  });

  test("overlapping requests of one session lose nothing while its home changes in either direction", async () => {
    const processes = [await on.process(), await on.process()];
    await on.turnTo(100);
    for (let round = 0; round < 3; round++) {
      const visitor = await loggedIn(processes[0]!.site, "v");
      const names: string[] = [];
      // As the processes follow one after the other: one reads here, one there.
      const { version } = await on.control.read();
      await on.control.change(version, { other: 0 });
      const turned = async (dial: number) => {
        await expect.poll(() => processes.every(({ store }) => store.state.other === 0), seconds).toBe(true);
        await on.control.change((await on.control.read()).version, { dial, other: 100 - dial });
      };
      const turning = turned(0);
      for (let n = 0; n < 20; n++) {
        const pair = [`a${n}`, `b${n}`];
        names.push(...pair);
        await Promise.all(
          pair.map((name, p) => new Visitor(processes[p]!.site, visitor.cookie).get(`/put?name=${name}`)),
        );
        expect(thingsIn(on.legacy.sessionOf(visitor.id))).toEqual([...names].sort());
      }
      await turning;
      expect(thingsIn(await on.inRedis(visitor.id))).toEqual([...names].sort());
      await expect.poll(() => processes.every(({ store }) => store.state.dial === 0), seconds).toBe(true);
      await on.move.turn(0);
      await on.move.turn(100);
    }
  });

  test("before any process writes Redis first, a copy that fails fails its request, and overwrites nothing later", async () => {
    const [one, other] = [await on.process(), await on.process()];
    await on.turnTo(0);
    const visitor = await loggedIn(one.site, "v");
    const step = async (fields: Record<string, string | number>, isCopying: boolean) => {
      await on.control.change((await on.control.read()).version, fields);
      const states = () => [one, other].map(({ store }) => store.state);
      await expect
        .poll(() => states().every((state) => state.other === 100 && state.isCopying === isCopying), seconds)
        .toBe(true);
    };
    await step({ other: 100, copying: 1 }, true);
    onTestFinished(async () => void (await on.client.configSet("maxmemory", "0")));
    await on.client.configSet("maxmemory", "1");
    expect((await visitor.get("/put?name=refused")).status).toBe(503);
    await on.client.configSet("maxmemory", "0");
    await step({ copying: "" }, false);
    expect((await new Visitor(other.site, visitor.cookie).get("/put?name=kept")).status).toBe(200);
    await expect.poll(() => one.store.mirror.pending, seconds).toBe(0);
    expect(thingsIn(await on.inRedis(visitor.id))).toContain("kept");
    expect(thingsIn(on.legacy.sessionOf(visitor.id))).toEqual(thingsIn(await on.inRedis(visitor.id)));
  });

  test.each([
    [0, 60],
    [100, 40],
  ])("the steps from %i to %i: copied for certain, Redis first, the new home, copied for certain", async (from, to) => {
    await on.process();
    await on.turnTo(from);
    const steps: object[] = [];
    onTestFinished(onSignal("move:changed", ({ fields }) => void steps.push(fields)));
    await on.move.turn(to);
    expect(steps).toEqual([
      { other: to, copying: 1 },
      { copying: "" },
      { dial: to, other: from },
      { copying: 1 },
      { other: "", copying: "" },
    ]);
  });

  test("is refused until the stores have been compared, and outside a move", async () => {
    await on.process();
    expect(await outcomeOf(on.move.turn(10))).toMatch(/has not begun/);
    expect(await outcomeOf(on.move.turn(101))).toMatch(/0 to 100/);
    await on.move.start();
    expect(await outcomeOf(on.move.start())).toMatch(/already begun/);
    expect(await outcomeOf(on.move.turn(10))).toMatch(/not been compared/);
    expect(await outcomeOf(on.move.finish())).toMatch(/dial is at 0/);
    await on.turnTo(100);
    expect(await outcomeOf(on.move.finish())).toMatch(/not been compared since/);
    await on.move.noteVerified((await on.control.read()).version);
    await on.move.finish();
    expect(await outcomeOf(on.move.turn(10))).toMatch(/finished/);
    expect(await outcomeOf(on.move.finish())).toBe("done");
  });

  test("a move cannot start unless a process follows it", async () => {
    expect(await outcomeOf(on.move.start())).toMatch(/No process/);
    await on.move.start({ withoutApp: true });
  });

  test("waits while a mirror lags behind", async () => {
    const { site, store } = await on.process();
    await on.turnTo(100);
    const visitor = await loggedIn(site, "v");
    on.legacy.mood = "failing";
    await visitor.get("/put?name=a");
    await expect.poll(async () => (await on.move.status()).pending, seconds).toBe(1);
    const waits: string[] = [];
    const turning = on.move.turn(0, { onWait: (what) => waits.push(what) });
    const state = isBusy(turning);
    await expect.poll(() => waits, seconds).toContain("1 change to reach the other store");
    expect(state.busy).toBe(true);
    expect(store.state.dial).toBe(100);
    on.legacy.mood = "well";
    await turning;
    expect((await look(visitor)).things).toEqual(["a"]);
  });

  test("a process that stops reporting leaves a doubt, which a comparison clears", async () => {
    const { site } = await on.process();
    await on.turnTo(50);
    // As one that was killed: heard once, and not any more.
    const [heard] = Object.values((await on.client.hGetAll(`${on.key}:processes`)) as Record<string, string>);
    await on.client.hSet(`${on.key}:processes`, "killed", heard!.replace(/^\d+/, "1"));
    expect(await outcomeOf(on.move.turn(100))).toMatch(/stopped reporting/);
    expect(await outcomeOf(on.move.turn(100))).toMatch(/verify --repair/);
    expect(await on.move.noteVerified((await on.control.read()).version)).toBe(true);
    await on.move.turn(100);
    expect((await look(await loggedIn(site, "v"))).user).toBe("v");
  });

  test("a doubt that arises during a comparison is not cleared by it", async () => {
    await on.process();
    await on.turnTo(50);
    const { version } = await on.control.read();
    await on.control.forget((await on.control.processes())[0]!, "A process ended.");
    expect(await on.move.noteVerified(version)).toBe(false);
    expect((await on.control.read()).doubt).toBe("A process ended.");
  });

  test("an interrupted turn can only be resumed or reversed", async () => {
    await on.process();
    await on.turnTo(10);
    for (const [target, result] of [
      [50, 50],
      [10, 10],
    ] as const) {
      if ((await on.control.read()).dial !== 10) await on.move.turn(10);
      for (const fields of [
        { other: 50, copying: 1 },
        { other: 50 },
        { dial: 50, other: 10 },
        { dial: 50, other: 10, copying: 1 },
      ] as Record<string, number>[]) {
        if ((await on.control.read()).dial !== 10) await on.move.turn(10);
        await on.control.change((await on.control.read()).version, fields);
        expect(await outcomeOf(on.move.turn(70))).toMatch(/partway between/);
        await on.move.turn(target);
        expect(await on.control.read()).toMatchObject({ dial: result, other: undefined, isCopying: false });
      }
    }
  });

  test("a process that closes leaves no doubt, unless changes are pending", async () => {
    const [first, second] = [await on.process(), await on.process()];
    await on.turnTo(100);
    await first.close();
    expect((await on.control.processes()).length).toBe(1);
    const visitor = await loggedIn(second.site, "v");
    on.legacy.mood = "failing";
    await visitor.get("/put?name=a");
    await second.close();
    expect((await on.control.processes()).length).toBe(1);
    on.legacy.mood = "well";
    expect(await outcomeOf(on.move.turn(0))).toMatch(/stopped reporting/);
    expect(await on.control.unmirrored()).toEqual([visitor.id]);
  });
});
