/**
 * A collection of MongoDB in memory, with as much of the driver's as connect-mongo 6 uses, and its tests. Whatever it is
 * given and returns is a copy, as over a network.
 */
// cspell:ignore upserted -- a property of the driver's results
import { setTimeout as delay } from "node:timers/promises";

export interface MongoDocument {
  _id: string;
  session: string;
  expires: Date;
  lastModified?: Date;
}

interface Filter {
  _id?: string;
  $or?: [{ expires: { $exists: false } }, { expires: { $gt: Date } }];
}

export class MemoryCollection {
  readonly #documents = new Map<string, MongoDocument>();

  async createIndex(): Promise<string> {
    return "expires_1";
  }

  async findOne({ _id, $or }: Filter): Promise<MongoDocument | null> {
    await delay(2);
    const found = this.#documents.get(_id ?? "");
    const isAlive = !$or || (found && found.expires > $or[1].expires.$gt);
    return found && isAlive ? structuredClone(found) : null;
  }

  async insertOne(document: MongoDocument): Promise<void> {
    await delay(2);
    const { _id: id } = document;
    if (this.#documents.has(id)) throw new Error("E11000 duplicate key error");
    this.#documents.set(id, structuredClone(document));
  }

  async updateOne(
    { _id = "" }: Filter,
    { $set }: { $set: Partial<MongoDocument> },
    { upsert = false }: { upsert?: boolean } = {},
  ): Promise<{ matchedCount: number; upsertedCount: number }> {
    await delay(2);
    const found = this.#documents.get(_id);
    if (!found && !upsert) return { matchedCount: 0, upsertedCount: 0 };
    this.#documents.set(_id, structuredClone({ ...found, ...$set, _id }) as MongoDocument); // set() gives all of it
    return { matchedCount: found ? 1 : 0, upsertedCount: found ? 0 : 1 };
  }

  async deleteOne({ _id = "" }: Filter): Promise<void> {
    await delay(2);
    this.#documents.delete(_id);
  }

  async deleteMany(): Promise<void> {
    this.#documents.clear();
  }

  find(): { toArray(): Promise<MongoDocument[]> } {
    return { toArray: async () => structuredClone([...this.#documents.values()]) };
  }
}
