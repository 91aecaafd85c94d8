/** A command line in words, as a shell would cut it: blanks, quotes, backslashes; nothing else means anything. */
export function words(line: string): readonly string[] | { readonly problem: string } {
  const found: string[] = [];
  let [word, quote, at] = [null as string | null, "", 0];
  for (; at < line.length; at++) {
    const letter = line.charAt(at);
    if (letter === "\\" && quote !== "'") {
      at += 1;
      if (at === line.length) return { problem: "it ends with a backslash" };
      const next = line.charAt(at);
      word = (word ?? "") + (quote === "" || '"\\$`'.includes(next) ? next : `\\${next}`);
    } else if (letter === quote) {
      quote = "";
    } else if (quote === "" && (letter === '"' || letter === "'")) {
      quote = letter;
      word ??= "";
    } else if (quote === "" && /\s/.test(letter)) {
      if (word !== null) found.push(word);
      word = null;
    } else {
      word = (word ?? "") + letter;
    }
  }
  if (quote !== "") return { problem: `a ${quote} is not closed` };
  return word === null ? found : [...found, word];
}

/** Words as a line that `words` cuts into the same again. */
export function line(argv: readonly string[]): string {
  return argv.map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(" ");
}
