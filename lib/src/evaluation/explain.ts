export { type AverageHeat, averageHeat } from "./explain/average";
export { type FeatureModel, fusedModel, headModel, kernelModel } from "./explain/feature-model";
export { gradCam } from "./explain/grad-cam";
export { type Heat, mirrored, regrid, sumOfHeats } from "./explain/heat";
export { type Association, associations, lookOf } from "./explain/looks";
export { FILLS, type Fill, type OcclusionOptions, occlusion, type Picture } from "./explain/occlusion";
export { agreementOf, explainPoster, type Looker, type PosterExplanation, posterGradCam } from "./explain/poster";
