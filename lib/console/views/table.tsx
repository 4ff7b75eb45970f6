/** A table that scrolls sideways where it does not fit, by keyboard too. */
import type { ComponentChildren, VNode } from "preact";

export interface TableProps {
  readonly label: string;
  readonly columns: readonly string[];
  /** The body: a `tbody`. */
  readonly children: ComponentChildren;
}

export function Table({ label, columns, children }: TableProps): VNode {
  return (
    <div class="wide" tabIndex={0} role="group" aria-label={label}>
      <table>
        <thead>
          <tr>
            {columns.map((name) => (
              <th scope="col">{name}</th>
            ))}
          </tr>
        </thead>
        {children}
      </table>
    </div>
  );
}
