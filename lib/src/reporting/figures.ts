export * from "./figures/analysis";
export { calibrationPlot, driftByYear } from "./figures/calibration";
export * from "./figures/evaluation";
export * from "./figures/judged";
export * from "./figures/kept";
export * from "./figures/ranking";
export * from "./figures/revenue";
export * from "./figures/splits";
export * from "./figures/training";
