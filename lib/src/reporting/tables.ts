export * from "./tables/analysis";
export { type Column, type Columns, formatValue } from "./tables/columns";
export { toFrame } from "./tables/frame";
export { frameToHtml, htmlTable } from "./tables/html";
export { leakPairs, leakTable } from "./tables/leaks";
export * from "./tables/results";
export { describeSearch, describeTrial, rankTrials, searchTable, searchText } from "./tables/search";
export { displayWidth, textTable } from "./tables/text";
export { describeEpoch, sampleTable, sampleText } from "./tables/training";
