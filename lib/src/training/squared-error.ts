import * as tf from "@tensorflow/tfjs";

/** The sum of squared errors of the films in these rows, log10 dollars squared; `predict` gives log10 dollars, [films]. */
export function sumOfSquaredErrors(targets: Float32Array, rows: Uint32Array, predict: () => tf.Tensor1D): number {
  const error = tf.tidy(() => {
    const wanted = tf.tensor1d(Float32Array.from(rows, (row) => targets[row]!));
    return tf.sum(tf.squaredDifference(predict(), wanted));
  });
  const sum = error.dataSync()[0]!;
  error.dispose();
  return sum;
}
