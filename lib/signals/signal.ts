/**
 * One named channel of `node:diagnostics_channel`, with a type for its payload. Without a subscriber it costs one
 * check.
 */
import { channel, type Channel } from "node:diagnostics_channel";

export class Signal<Payload extends object> {
  readonly name: string;
  readonly #channel: Channel;

  constructor(name: string) {
    this.name = name;
    this.#channel = channel(name);
  }

  /** Whether anybody has subscribed. Ask this before a payload is made, or a clock is read for one. */
  get isHeard(): boolean {
    return this.#channel.hasSubscribers;
  }

  /** An error in a subscriber does not reach the caller: Node.js reports it as an uncaught exception. */
  send(payload: Payload): void {
    this.#channel.publish(payload);
  }
}
