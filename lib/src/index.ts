export { type Ablated, ablate, ablatedRows } from "./ablation";
export { ABLATION, type AblationRow, CURVE_ROWS, MEANS, rowsNamed } from "./ablation/rows";
export { closestPosters } from "./catalogue/closest";
export { type FilmQuery, findFilms } from "./catalogue/find";
export { type Comparison, compare } from "./compare";
export { type Config, makeConfig, PRESETS } from "./config";
export { type Engine, loadEngine } from "./engine";
export * from "./errors";
export { type Evaluated, evaluate } from "./evaluate";
export { analysisOf } from "./evaluation/analysis";
export { describeSplits, filmLines, revenuesBySplit, revenuesOf } from "./evaluation/describe";
export { extremes } from "./evaluation/extremes";
export { findingsOf } from "./evaluation/findings";
export type { Evaluation, Judged, Metrics } from "./evaluation/metrics";
export { type Outlier, outliersOf } from "./evaluation/outliers";
export { pairedDifference } from "./evaluation/paired";
export {
  averageExplanations,
  chanceAgreement,
  checkSanity,
  type ExplainedFolder,
  type Explanation,
  explainFolder,
  explainPosters,
  meanAgreement,
} from "./explain";
export { describeChecks } from "./explain-report";
export { closestWall, nearestFilms, nearestWall, wallOf } from "./explore";
export { exportRun } from "./export";
export { writeFeatures } from "./features";
export {
  exportLatest,
  exportPosters,
  latestFilms,
  linesWithPosters,
  postersOf,
  posterThumbnails,
  wallOfFilms,
} from "./gallery";
export { formatPredictions, type JudgedRun, judgedRun } from "./judged";
export { type LearningCurve, learningCurves } from "./learning-curve";
export { formatEpochs, logRun } from "./log";
export { loadBackbone } from "./model/backbone";
export { describeChannels, extractFeatures, posterTensor } from "./model/features";
export { formatModelCard, writeModelCard } from "./model-card";
export { type Predicted, predict } from "./predict";
export { type Catalogue, cacheFolder, type Prepared, pixelCache, prepare, readCatalogue, summarise } from "./prepare";
export type { Progress, ProgressListener } from "./progress";
export { writeReport } from "./report";
export * from "./reporting/figures";
export * from "./reporting/format";
export * from "./reporting/tables";
export { baselineDifferences } from "./reporting/tables/differences";
export { besideOriginal, PUBLISHED } from "./reporting/tables/original";
export { recipeTable } from "./reporting/tables/recipe";
export { missesWall } from "./reporting/wall";
export { type Rerun, rerun } from "./rerun";
export { runNamed, startRun, trainedRun } from "./run";
export { type Searched, type SearchPlan, search } from "./search";
export { SEED_ROWS, type SeedSpread, spreadOfSeeds } from "./seeds";
export { type Trained, train } from "./train";
export { parseSpace, readSpace, type Trial } from "./training/space";
