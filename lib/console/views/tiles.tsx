/** Facts as tiles: a name and a value each. */
import type { ComponentChildren, VNode } from "preact";

export function Tiles({ facts }: { facts: readonly (readonly [name: string, value: ComponentChildren])[] }): VNode {
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
