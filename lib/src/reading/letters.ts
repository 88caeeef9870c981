/** What a recogniser makes of a picture of a line: the text, and how sure it is of its letters on average, 0 to 1. */
export interface Letters {
  text: string;
  sure: number;
}

/**
 * The likeliest letter at each step, those that repeat taken once and the blank, letter 0, left out: greedy decoding of
 * connectionist temporal classification (Graves et al. 2006, section 3.2), row-major [steps, letters].
 */
export function lettersOf(likelihoods: Float32Array, alphabet: readonly string[]): Letters {
  let [text, sum, count, before] = ["", 0, 0, 0];
  for (let step = 0; step < likelihoods.length; step += alphabet.length) {
    let best = 0;
    for (let letter = 1; letter < alphabet.length; letter++) {
      if (likelihoods[step + letter]! > likelihoods[step + best]!) best = letter;
    }
    if (best !== 0 && best !== before) {
      text += alphabet[best];
      sum += likelihoods[step + best]!;
      count++;
    }
    before = best;
  }
  return { text, sure: count === 0 ? 0 : sum / count };
}
