/**
 * Prepares a request or a response of Express for the properties that we add. Up to Node.js 22, V8 makes a new hidden
 * class for each property that is added to an object whose prototype was replaced, as Express does with both: 1.5 KB
 * each time, and its inline caches miss from then on. As a dictionary, which a deleted accessor makes of it, the object
 * is cheaper.
 */
const forgetsClasses = Number.parseInt(process.versions.v8, 10) < 13;

const passing = Symbol("holdfast.passing");
const accessor: PropertyDescriptor = { configurable: true, get: () => undefined };

export function expectProperties(object: object): void {
  if (!forgetsClasses || Object.getPrototypeOf(object) === object.constructor?.prototype) return;
  Object.defineProperty(object, passing, accessor);
  Reflect.deleteProperty(object, passing);
}
