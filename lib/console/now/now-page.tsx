/** The first page: whether all is well, the figures of now, and how they came about. Without a script, it reloads. */
import type { VNode } from "preact";
import type { Visit } from "../http/visit.js";
import { Layout } from "../views/layout.js";
import { Table } from "../views/table.js";
import { chartNames, charts } from "./charts.js";
import type { Judgement } from "./judgement.js";
import { processColumns, tiles, type ProcessLine } from "./words.js";

export interface NowProps {
  readonly visit: Visit;
  readonly app: string;
  readonly judgement: Judgement;
  readonly isOld: boolean;
  readonly words: Readonly<Record<string, string>>;
  readonly processes: readonly ProcessLine[];
}

export function NowPage({ visit, app, judgement, isOld, words, processes }: NowProps): VNode {
  return (
    <Layout visit={visit} app={app} title="Now" page="" live>
      <div data-now data-events="events" data-old={isOld ? "" : undefined}>
        <div class={`verdict ${judgement.verdict}`} data-verdict role="status">
          <h1 data-headline>{judgement.headline}</h1>
          <ul data-sentences>
            {judgement.sentences.map((sentence) => (
              <li>{sentence}</li>
            ))}
          </ul>
        </div>
        <dl class="tiles">
          {tiles.map(({ name, title }) => (
            <div>
              <dt>{title}</dt>
              <dd>
                <b data-word={name}>{words[name]}</b>
                <small data-word={`${name}Hint`}>{words[`${name}Hint`]}</small>
              </dd>
            </div>
          ))}
        </dl>
        <section class="charts" aria-labelledby="charts-title" data-charts hidden>
          <div class="charts-head">
            <h2 id="charts-title">The last quarter of an hour</h2>
            <label>
              Charts of{" "}
              <select data-choice>
                <option value="">all processes</option>
              </select>
            </label>
          </div>
          <div class="grid">
            {chartNames.map((name) => (
              <figure>
                <figcaption>
                  {charts[name].title}
                  {charts[name].lines.map(({ label, color }) => (
                    <span class={`key ${color}`}>{label}</span>
                  ))}
                </figcaption>
                <div data-chart={name}></div>
              </figure>
            ))}
          </div>
        </section>
        <section aria-labelledby="processes-title">
          <h2 id="processes-title">Processes</h2>
          <Table label="Processes" columns={processColumns}>
            <tbody data-processes>
              {processes.map(({ isWell, cells: [first, ...rest] }) => (
                <tr class={isWell ? undefined : "bad"}>
                  <th scope="row">{first}</th>
                  {rest.map((cell) => (
                    <td>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </Table>
        </section>
      </div>
    </Layout>
  );
}
