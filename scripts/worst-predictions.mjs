// Where is a run most wrong? node scripts/worst-predictions.mjs RUN [COUNT]
import { createRequire } from "node:module";

const { evaluate, extremes, formatDollars, textTable } = createRequire(import.meta.url)("movie-revenue");

const [run, count = "10"] = process.argv.slice(2);
if (!run || run === "--help") {
  console.log(
    "node scripts/worst-predictions.mjs RUN [COUNT]\n\nNames the test films that a run predicts best and worst.",
  );
} else {
  const { judged } = await evaluate(run);
  const dollars = { align: "right", format: formatDollars };
  const columns = {
    end: { title: "" },
    title: { title: "Film" },
    actual: { title: "Actual", ...dollars },
    predicted: { title: "Predicted", ...dollars },
    factor: { title: "Off by", align: "right", format: (factor) => `${factor.toFixed(1)}×` },
  };
  console.log(textTable(extremes(judged, Number(count)), columns));
}
