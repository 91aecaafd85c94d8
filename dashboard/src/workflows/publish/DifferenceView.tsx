import { lazy, Suspense } from "react";
import { type Definition, nameOf } from "../definition/definition";
import { difference, type FieldChange, type ItemChange, isSame } from "../definition/diff";
import type { Json } from "../definition/json";
import { ChangeMark } from "./ChangeMark";
import style from "./Difference.module.css";

const DifferencePicture = lazy(() => import("./DifferencePicture"));

/** What has become of a definition: as a picture, and field by field. */
export function DifferenceView({ before, after }: { before: Definition; after: Definition }) {
  const found = difference(before, after);
  if (isSame(found)) return <p>Nothing is different.</p>;
  return (
    <div className={style.difference}>
      {found.nodes.length + found.edges.length > 0 && (
        <div className={style.picture}>
          <Suspense>
            <DifferencePicture before={before} after={after} />
          </Suspense>
        </div>
      )}
      <ul className={style.items} aria-label="Changes">
        {found.nodes.map((item) => (
          <Item key={`node ${item.key}`} what={`node ${nameOf(item.value)}`} item={item} />
        ))}
        {found.edges.map((item) => (
          <Item key={`edge ${item.key}`} what={`edge ${item.key}`} item={item} />
        ))}
        {found.fields.length > 0 && (
          <li>
            <div>
              <ChangeMark change="changed" /> workflow
            </div>
            <Fields fields={found.fields} />
          </li>
        )}
      </ul>
    </div>
  );
}

function Item({ what, item }: { what: string; item: ItemChange }) {
  return (
    <li>
      <div>
        <ChangeMark change={item.change} /> {what}
      </div>
      {item.change !== "moved" && <Fields fields={item.fields} />}
    </li>
  );
}

function Fields({ fields }: { fields: readonly FieldChange[] }) {
  if (fields.length === 0) return null;
  return (
    <dl className={style.fields}>
      {fields.map((field) => (
        <Field key={field.path} field={field} />
      ))}
    </dl>
  );
}

function Field({ field }: { field: FieldChange }) {
  return (
    <>
      <dt>{field.path}</dt>
      <dd>{field.before === undefined ? "—" : <pre className={style.before}>{shown(field.before)}</pre>}</dd>
      <dd>{field.after === undefined ? "—" : <pre className={style.after}>{shown(field.after)}</pre>}</dd>
    </>
  );
}

function shown(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
