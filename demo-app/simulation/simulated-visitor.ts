/** One simulated visitor: looks at goods, fills a cart, checks out, logs in and out; what comes next is a matter of chance. */
import { products } from "../products.js";
import type { PageClient, Page } from "./page-client.js";

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** `away`: the shop or its Redis does not answer. `unknown`: the account is not there. */
export type Outcome = "done" | "away" | "unknown";

export class SimulatedVisitor {
  readonly #client: PageClient;
  readonly #credentials: (() => Credentials | undefined) | undefined;
  /** As the last page said. */
  #isLoggedIn = false;
  /** Was told to wait with the next login. */
  #mustWait = false;

  /** @param credentials omitted for a visitor who never logs in; undefined as long as there is no account */
  constructor(client: PageClient, credentials?: () => Credentials | undefined) {
    this.#client = client;
    this.#credentials = credentials;
  }

  /** One click, or two at once. */
  async step(): Promise<Outcome> {
    try {
      const { status, text } = await this.#click();
      this.#isLoggedIn = text.includes('action="/logout"');
      return status === 401 ? "unknown" : "done";
    } catch {
      return "away";
    }
  }

  #click(): Promise<Page> {
    const credentials = this.#mustWait ? undefined : this.#credentials?.();
    if (this.#isLoggedIn && happens(0.06)) return this.#logOut();
    if (!this.#isLoggedIn && credentials && happens(0.15)) return this.#logIn(credentials);
    const click = oneOf([this.#look, this.#look, this.#list, this.#add, this.#addInTwoTabs, this.#cart, this.#cart]);
    return click.call(this);
  }

  #list(): Promise<Page> {
    return this.#client.get("/");
  }

  #look(): Promise<Page> {
    return this.#client.get(`/products/${oneOf(products).sku}`);
  }

  #add(): Promise<Page> {
    return this.#client.submit("/cart", { sku: oneOf(products).sku, quantity: oneOf(["1", "1", "2"]) });
  }

  /** The two changes of the session overlap, and are merged. */
  async #addInTwoTabs(): Promise<Page> {
    await this.#list();
    const [page] = await Promise.all([this.#add(), this.#add()]);
    return page;
  }

  async #cart(): Promise<Page> {
    const page = await this.#client.get("/cart");
    const cart = /name="cart" value="([^"]+)"/.exec(page.text)?.[1];
    if (cart === undefined) return page;
    if (happens(0.3)) return this.#client.submit("/checkout", { cart });
    return happens(0.5) ? this.#client.submit(`/cart/${cart.split(":")[0]}`, { quantity: "1" }) : page;
  }

  async #logIn({ username, password }: Credentials): Promise<Page> {
    const page = await this.#client.submit("/login", { username, password });
    this.#mustWait = page.status === 429;
    return page;
  }

  #logOut(): Promise<Page> {
    return this.#client.submit("/logout", {});
  }
}

function happens(probability: number): boolean {
  return Math.random() < probability;
}

function oneOf<T>(choices: readonly T[]): T {
  return choices[Math.floor(Math.random() * choices.length)]!;
}
