/** Letters and digits of any script: venues list symbols such as 币安人生USDT. */
const SYMBOL = /^[\p{L}\p{Nd}_\-./:]{1,64}$/u;

/** R42 in words, for messages. */
export const SYMBOL_RULE = "1 to 64 letters and digits of any script (NFC) or '_', '-', '.', '/', ':'";

/**
 * R42: whether a text can be a symbol. Unicode can write one word in several ways, which look the
 * same and are not equal; a symbol has the composed form (NFC), so that equal names are equal
 * texts.
 */
export function isSymbol(text: string): boolean {
  return SYMBOL.test(text) && text.normalize("NFC") === text;
}

/**
 * The symbol that a text is another spelling of in Unicode, where it is one that only lacks the
 * composed form.
 */
export function composedSymbol(text: string): string | undefined {
  const composed = text.normalize("NFC");
  return composed !== text && SYMBOL.test(composed) ? composed : undefined;
}
