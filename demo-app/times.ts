/** Times in words: how long ago, and how long to wait. They need no time zone. Pure. */

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

const past = new Intl.RelativeTimeFormat("en", { numeric: "always" });

/** Such as `5 minutes ago`. Both in milliseconds. */
export function ago(then: number, now: number): string {
  const seconds = Math.floor((now - then) / 1000);
  if (seconds >= day) return past.format(-Math.floor(seconds / day), "day");
  if (seconds >= hour) return past.format(-Math.floor(seconds / hour), "hour");
  if (seconds >= minute) return past.format(-Math.floor(seconds / minute), "minute");
  return "just now";
}

/** Such as `40 seconds`; from two minutes on in minutes, rounded up, so that waiting that long is enough. */
export function waitingTime(seconds: number): string {
  const inMinutes = seconds >= 2 * minute;
  const words = { style: "unit", unit: inMinutes ? "minute" : "second", unitDisplay: "long" } as const;
  return new Intl.NumberFormat("en", words).format(inMinutes ? Math.ceil(seconds / minute) : seconds);
}

/** Such as `1 day left`: the nearest unit, so that a day that has just begun to run out is still one. panel.js agrees. */
export function timeLeft(seconds: number): string {
  const [size, unit] =
    seconds >= 23.5 * hour
      ? [day, "day"]
      : seconds >= 59.5 * minute
        ? [hour, "hour"]
        : seconds >= 2 * minute
          ? [minute, "minute"]
          : [1, "second"];
  return `${new Intl.NumberFormat("en", { style: "unit", unit, unitDisplay: "long" }).format(Math.round(seconds / size))} left`;
}
