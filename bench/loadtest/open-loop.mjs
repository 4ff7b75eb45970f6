// An open-loop load: it keeps its rate also while answers are slow, so the time that a request had to wait for its turn is
// counted. (autocannon at a fixed rate has each connection wait for its answer and estimates what it has missed, in whole
// milliseconds.)
import { histogram, record, summary } from "./latencies.mjs";

/** Milliseconds. A timer that is late by less is the generator's; by more, the wait counts as the visitor's. */
const timerLateness = 2;
/** Milliseconds after which a request without an answer has failed. */
const patience = 30_000;

/**
 * @param rate requests per second
 * @param send starts one request, and resolves to whether it was answered as it should be
 * @param onSecond is told what happened in each second
 */
export async function openLoop({ rate, seconds, send, onSecond }) {
  const total = Math.round(rate * seconds);
  const latencies = histogram();
  const timeline = [];
  const state = { sent: 0, answered: 0, failed: 0 };
  let second = newSecond(0);
  const began = performance.now();

  const pending = new Set();
  const launch = (due) => {
    const now = performance.now();
    const from = now - due > timerLateness ? due : now;
    state.sent++;
    second.sent++;
    const one = send().then(
      (isRight) => settle(isRight, performance.now() - from),
      () => settle(false, performance.now() - from),
    );
    pending.add(one);
    one.finally(() => pending.delete(one));
  };
  const settle = (isRight, took) => {
    const counter = isRight ? "answered" : "failed";
    state[counter]++;
    second[counter]++;
    record(latencies, took);
    record(second.latencies, took);
  };
  const closeSecond = () => {
    const { latencies: ofSecond, ...counts } = second;
    timeline.push({ ...counts, ...summary(ofSecond) });
    onSecond?.(timeline.at(-1));
    second = newSecond(timeline.length);
  };

  await new Promise((done) => {
    const tick = () => {
      const passed = performance.now() - began;
      while (passed >= (timeline.length + 1) * 1000 && timeline.length < seconds) closeSecond();
      const due = Math.min(total, Math.floor((passed / 1000) * rate));
      while (state.sent < due) launch(began + (state.sent / rate) * 1000);
      if (passed >= seconds * 1000) done();
      else setTimeout(tick, 1);
    };
    tick();
  });
  while (timeline.length < seconds) closeSecond();
  await Promise.race([Promise.all(pending), new Promise((done) => setTimeout(done, patience).unref())]);
  const unanswered = state.sent - state.answered - state.failed;
  return {
    ...state,
    failed: state.failed + unanswered,
    wanted: rate,
    // What was answered within the time, not what was still waiting at its end.
    reached: timeline.reduce((sum, { answered }) => sum + answered, 0) / seconds,
    success: state.answered / state.sent,
    ...summary(latencies),
    timeline,
  };
}

function newSecond(number) {
  return { second: number, sent: 0, answered: 0, failed: 0, latencies: histogram() };
}
