/** A request that the shop turns down: a status, and a sentence that the visitor gets to read. */

export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}
