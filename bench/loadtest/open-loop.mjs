// An open-loop load: it keeps its rate also while answers are slow, so the time that a request had to wait for its turn is
// counted. (autocannon at a fixed rate has each connection wait for its answer and estimates what it has missed, in whole
// milliseconds.) Latencies go into Node.js' own HDR histogram, in microseconds.
import { createHistogram } from "node:perf_hooks";

/** Milliseconds. A timer that is late by less is the generator's; by more, the wait counts as the visitor's. */
const timerLateness = 2;
/** Milliseconds after which a request without an answer has failed. */
export const patience = 30_000;

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
    const microseconds = Math.max(1, Math.round(took * 1000));
    latencies.record(microseconds);
    second.latencies.record(microseconds);
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

export function histogram() {
  return createHistogram({ lowest: 1, highest: patience * 2000, figures: 3 });
}

/** Milliseconds. */
export function summary(latencies) {
  if (latencies.count === 0) return { mean: null, p50: null, p95: null, p99: null, p999: null, longest: null };
  const at = (percentile) => latencies.percentile(percentile) / 1000;
  const mean = Math.round(latencies.mean) / 1000;
  return { mean, p50: at(50), p95: at(95), p99: at(99), p999: at(99.9), longest: latencies.max / 1000 };
}

function newSecond(number) {
  return { second: number, sent: 0, answered: 0, failed: 0, latencies: histogram() };
}
