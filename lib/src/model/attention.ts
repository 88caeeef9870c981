import * as tf from "@tensorflow/tfjs";

/** The name of a head's query: one number for each channel of the map that it attends to. */
export const QUERY = "pool.query";

/** A map's places, weighted and summed, and the way back. */
export interface Attended {
  /** [batch, channels]. */
  pooled: tf.Tensor2D;
  /** From the gradient by `pooled`, those by the query and by the map. */
  backward(gradient: tf.Tensor2D): { query: tf.Tensor1D; map: tf.Tensor2D };
}

/**
 * The mean of a map's places by the weights softmax(place · query / √channels): dot-product attention (Vaswani et al.
 * 2017) with one learnt query, which at 0 is the plain mean. `map` is [batch, places · channels]. To be used in a `tf.tidy`.
 */
export function attend(map: tf.Tensor2D, query: tf.Tensor1D): Attended {
  const channels = query.shape[0];
  const scaled = tf.reshape(tf.div(query, Math.sqrt(channels)), [channels, 1]);
  const x = tf.reshape(map, [map.shape[0], -1, channels]) as tf.Tensor3D;
  const flat = tf.reshape(x, [-1, channels]) as tf.Tensor2D;
  // [batch, places, 1]
  const weights = tf.softmax(tf.reshape(tf.matMul(flat, scaled), [map.shape[0], x.shape[1]])).expandDims(2);
  const pooled = tf.sum(tf.mul(x, weights), 1) as tf.Tensor2D;
  return {
    pooled,
    backward(gradient) {
      const by = tf.expandDims(gradient, 1);
      // ∂/∂score of place i: weight · (gradient · (xᵢ − pooled))
      const away = tf.sub(x, tf.expandDims(pooled, 1));
      const byScore = tf.mul(weights, tf.sum(tf.mul(away, by), 2, true));
      const byQuery = tf.div(tf.sum(tf.mul(x, byScore), [0, 1]), Math.sqrt(channels)) as tf.Tensor1D;
      const byMap = tf.add(tf.mul(weights, by), tf.mul(byScore, tf.reshape(scaled, [1, 1, channels])));
      return { query: byQuery, map: tf.reshape(byMap, map.shape) as tf.Tensor2D };
    },
  };
}
