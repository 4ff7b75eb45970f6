/** Facts as tiles: a name and a value each. */
import type { VNode } from "preact";

export function Tiles({ facts }: { facts: readonly (readonly [name: string, value: string])[] }): VNode {
  return (
    <dl class="tiles">
      {facts.map(([name, value]) => (
        <div>
          <dt>{name}</dt>
          <dd>
            <b>{value}</b>
          </dd>
        </div>
      ))}
    </dl>
  );
}
