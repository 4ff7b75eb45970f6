/** A property of a value of unknown type; undefined if it lacks the property, or is not an object. */
export function propertyOf(value: unknown, name: string): unknown {
  const mayHave = (typeof value === "object" && value !== null) || typeof value === "function";
  return mayHave ? Reflect.get(value, name) : undefined;
}
