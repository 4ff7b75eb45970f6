/**
 * Remembers a handle in the session object itself, as a private field that only this store can see. For the garbage
 * collector that is one more reference, while each entry of a WeakMap has to be looked after in every collection.
 */

/** The base class whose constructor returns the object, so that a subclass puts its private fields on that. */
// oxlint-disable-next-line typescript/no-extraneous-class -- only a class can be extended by one with private fields
class OnObject {
  constructor(object: object) {
    return object;
  }
}

export interface HandleField<H> {
  get(object: object): H | undefined;
  set(object: object, handle: H): void;
}

/** A field of its own for each caller: two stores may know the same object by different handles. */
export function handleField<H>(): HandleField<H> {
  /** Of objects that accept no more properties, which may come to mean private ones, too. */
  const others = new WeakMap<object, H>();
  return class Field extends OnObject {
    #handle: H;

    private constructor(object: object, handle: H) {
      super(object);
      this.#handle = handle;
    }

    static get(object: object): H | undefined {
      return #handle in object ? object.#handle : others.get(object);
    }

    static set(object: object, handle: H): void {
      if (#handle in object) object.#handle = handle;
      else if (Object.isExtensible(object)) void new Field(object, handle);
      else others.set(object, handle);
    }
  };
}
