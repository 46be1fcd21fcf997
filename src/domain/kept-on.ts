/**
 * Computes something of an object the first time only, and keeps it on the object itself, where
 * neither a copy nor a comparison of the object sees it. The object must never change. To find the
 * value in a WeakMap of many objects would take longer than what is computed here.
 */
export function keptOn<T extends object, V extends object | number>(compute: (object: T) => V): (object: T) => V {
  const key = Symbol("kept");
  return (object) => {
    const known = (object as { readonly [key]?: V })[key];
    if (known !== undefined) {
      return known;
    }
    const value = compute(object);
    Object.defineProperty(object, key, { value });
    return value;
  };
}
