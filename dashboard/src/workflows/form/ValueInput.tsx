import type { Json } from "../definition/json";
import { ChoiceInput } from "./ChoiceInput";
import { type Control, isTemplate } from "./fields";
import { JsonInput } from "./JsonInput";
import { NumberInput } from "./NumberInput";
import { SwitchInput } from "./SwitchInput";
import { TextInput } from "./TextInput";

export interface Attributes {
  readonly id?: string;
  readonly "aria-label"?: string;
  readonly "aria-describedby"?: string;
  readonly "aria-invalid"?: boolean;
  readonly disabled: boolean;
}

export interface InputProps<C extends Control = Control> {
  readonly control: C;
  readonly value: Json | undefined;
  readonly onChange: (value: Json | undefined) => void;
  readonly fallback: Json | undefined;
  readonly attributes: Attributes;
}

const TEMPLATE = { kind: "text", multiline: false, mono: true } as const;

/** A value that is asked for in one box. A template stands where it is, whatever the field holds otherwise. */
export function ValueInput({ control, ...rest }: InputProps) {
  if (isTemplate(rest.value) && control.kind !== "text") return <TextInput control={TEMPLATE} {...rest} />;
  switch (control.kind) {
    case "text":
      return <TextInput control={control} {...rest} />;
    case "number":
      return <NumberInput control={control} {...rest} />;
    case "switch":
      return <SwitchInput control={control} {...rest} />;
    case "choice":
      return <ChoiceInput control={control} {...rest} />;
    default:
      return <JsonInput control={{ kind: "json" }} {...rest} />;
  }
}
