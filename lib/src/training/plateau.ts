/** PyTorch's default: a loss counts as better when it is below the best by this share of it. */
const THRESHOLD = 1e-4;

export interface PlateauOptions {
  factor: number;
  patience: number;
}

export interface PlateauState {
  learningRate: number;
  best: number;
  /** Epochs in a row without a better loss. */
  badEpochs: number;
}

/** The learning rate before the first epoch. */
export function startPlateau(learningRate: number): PlateauState {
  return { learningRate, best: Number.POSITIVE_INFINITY, badEpochs: 0 };
}

/** `ReduceLROnPlateau(factor, patience)` of PyTorch after one more validation loss, its other options at their defaults. */
export function stepPlateau(state: PlateauState, loss: number, { factor, patience }: PlateauOptions): PlateauState {
  if (loss < state.best * (1 - THRESHOLD)) return { ...state, best: loss, badEpochs: 0 };
  const badEpochs = state.badEpochs + 1;
  if (badEpochs <= patience) return { ...state, badEpochs };
  return { ...state, badEpochs: 0, learningRate: reduced(state.learningRate, factor) };
}

/** PyTorch ignores a reduction smaller than 1e-8. */
function reduced(learningRate: number, factor: number): number {
  const next = learningRate * factor;
  return learningRate - next > 1e-8 ? next : learningRate;
}
