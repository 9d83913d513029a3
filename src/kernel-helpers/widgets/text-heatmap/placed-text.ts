import type { TextHeatmapState } from "../../../comms/states/text-heatmap.js";
import { ParameterError } from "../../../explainers/errors.js";

/** A token by its letters, or by its place in the text in UTF-16 units, as `tokenize` gives it. */
export type TextToken = string | { readonly start: number; readonly end: number };

type Placed = Pick<TextHeatmapState, "text" | "spans" | "words" | "sentences">;

/**
 * Where tokens stand in a text, and which word and sentence each belongs to (Unicode's rules, UAX 29). Without a text one is made of the
 * tokens: with blanks between words, none before what continues one (`##ing`) or ends a phrase (`.`, `'s`), blanks where SentencePiece (`▁`) or
 * byte pairs (`Ġ`) have them, none where all tokens are single characters.
 *
 * @throws ParameterError for tokens that are not in the text in that order
 */
export function placedText(tokens: readonly TextToken[], text: string | undefined): Placed {
  if (tokens.length === 0) throw new ParameterError("tokens.length", 0, "at least 1");
  const placed = text === undefined ? joined(tokens) : { text, spans: spansIn(text, tokens) };
  return {
    ...placed,
    words: groups(placed.text, placed.spans, "word"),
    sentences: groups(placed.text, placed.spans, "sentence"),
  };
}

function spansIn(text: string, tokens: readonly TextToken[]): number[] {
  const spans: number[] = [];
  // Case folded letter by letter, so that places stay.
  const fold = (words: string) => Array.from({ length: words.length }, (_, at) => lower(words[at]!)).join("");
  const folded = fold(text);
  let from = 0;
  tokens.forEach((token, index) => {
    const letters = typeof token === "string" ? bare(token) : undefined;
    const start = typeof token === "string" ? folded.indexOf(fold(letters!), from) : token.start;
    const end = typeof token === "string" ? start + letters!.length : token.end;
    if (letters === "" || start < from || end <= start || end > text.length) {
      const given = typeof token === "string" ? token : `{ start: ${token.start}, end: ${token.end} }`;
      throw new ParameterError(`tokens[${index}]`, given, `in the text, behind the token before it (from ${from} on)`);
    }
    spans.push(start, end);
    from = end;
  });
  return spans;
}

const lower = (letter: string) => (letter.toLowerCase().length === 1 ? letter.toLowerCase() : letter);

const PREFIX = /^(?:##|[▁Ġ])/;

/** A token without the marks of tokenizers. */
const bare = (token: string): string => token.replace(PREFIX, "");

function joined(tokens: readonly TextToken[]): Pick<Placed, "text" | "spans"> {
  const letters = tokens.map((token, index) => {
    if (typeof token === "string" && bare(token) !== "") return token;
    throw new ParameterError(
      `tokens[${index}]`,
      token,
      "letters, where no text is given that it could have a place in",
    );
  });
  const isPieces = letters.some((token) => /^[▁Ġ]/.test(token));
  const isCharacters = letters.every((token) => [...token].length === 1);
  const spans: number[] = [];
  let text = "";
  letters.forEach((token, index) => {
    const apart = isPieces
      ? /^[▁Ġ]/.test(token)
      : !isCharacters && !/^(?:##.*|[.,;:!?%)\]}’”]+|n['’]t|['’]\p{L}{1,2})$/u.test(token);
    if (apart && index > 0) text += " ";
    spans.push(text.length, text.length + bare(token).length);
    text += bare(token);
  });
  return { text, spans };
}

/** The segment in which each token begins; segments without any are not counted. */
function groups(text: string, spans: readonly number[], granularity: "word" | "sentence"): number[] {
  const starts = Array.from(new Intl.Segmenter("en", { granularity }).segment(text), ({ index }) => index);
  let [at, last, group] = [0, -1, -1];
  return Array.from({ length: spans.length / 2 }, (_, token) => {
    while (at + 1 < starts.length && starts[at + 1]! <= spans[2 * token]!) at++;
    if (at !== last) group++;
    last = at;
    return group;
  });
}
