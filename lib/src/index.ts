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
export { formatEpochs, logRun } from "./log";
export { loadBackbones } from "./model/backbones";
export { describeChannels, extractFeatures, posterTensor } from "./model/features";
export { describeChecks } from "./pages/explanation";
export { formatModelCard, writeModelCard } from "./pages/model-card";
export { writeReport } from "./pages/run";
export { type Predicted, predict } from "./predict";
export { type Catalogue, cacheFolder, type Prepared, pixelCache, prepare, readCatalogue, summarise } from "./prepare";
export type { Progress, ProgressListener } from "./progress";
export * from "./reporting/figures";
export * from "./reporting/format";
export * from "./reporting/tables";
export { baselineDifferences } from "./reporting/tables/differences";
export { besideOriginal, PUBLISHED } from "./reporting/tables/original";
export { recipeTable } from "./reporting/tables/recipe";
export { missesWall } from "./reporting/wall";
export { type Rerun, rerun } from "./rerun";
export { formatPredictions, type JudgedRun, judgedRun } from "./runs/judged";
export { runNamed, startRun, trainedRun } from "./runs/run";
export { type Searched, type SearchPlan, search } from "./search";
export { type Ablated, ablate, ablatedRows } from "./studies/ablation";
export { ABLATION, type AblationRow, CURVE_ROWS, MEANS, rowsNamed } from "./studies/ablation/rows";
export { type LearningCurve, learningCurves } from "./studies/learning-curve";
export { SEED_ROWS, type SeedSpread, spreadOfSeeds } from "./studies/seeds";
export { type Trained, train } from "./train";
export { parseSpace, readSpace, type Trial } from "./training/space";
