/** A request that the shop rejects: a status, and a sentence for the visitor. */

export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}
