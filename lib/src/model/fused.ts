export { readFused, saveFused } from "./fused/file";
export type { FusedData, FusedParts } from "./fused/inputs";
export { type Fused, type FusedOptions, fitFused, predictFused, predictFusedParts } from "./fused/model";
