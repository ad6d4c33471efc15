// Statements as tagged templates: what is put into one is a parameter, never text.

// A class: JSON that a caller sends may look like a statement, but is none.
export class Sql {
  constructor(
    readonly text: string,
    readonly values: readonly unknown[],
  ) {}
}

/** A statement, or a part of one: parts may be put into other statements. */
export function sql(strings: TemplateStringsArray, ...parts: readonly unknown[]): Sql {
  let text = strings[0] ?? "";
  const values: unknown[] = [];
  parts.forEach((part, at) => {
    if (part instanceof Sql) {
      text += part.text.replaceAll(
        /\$(\d+)/g,
        (_, number) => `$${String(Number(number) + values.length)}`,
      );
      values.push(...part.values);
    } else {
      values.push(part);
      text += `$${String(values.length)}`;
    }
    text += strings[at + 1] ?? "";
  });
  return new Sql(text, values);
}
