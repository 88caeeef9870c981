import { UsageError } from "../errors";
import { EXPORT_FORMATS, type ExportFormat, exportRun } from "../export";
import type { Command } from "./command";
import { print, required, text, workOptions } from "./shared";

export const exportCommand: Command = {
  summary: "writes a run's whole model as ONNX or safetensors",
  help: `movie-revenue export --run NAME --out FILE [--format onnx|safetensors]

  --run NAME     the run whose best model is written, backbone and head
  --out FILE     .onnx: pixels [n, 3, 224, 224] → log10_revenue [n]; the metadata say how pixels are made
                 .safetensors: "backbone.…" and "head.…" under PyTorch's names
  --format F     onnx or safetensors, where the file's ending names neither`,
  options: {
    run: { type: "string" },
    out: { type: "string" },
    format: { type: "string" },
  },
  async run({ values }) {
    const [run, out, format] = [required(values, "run"), required(values, "out"), formatGiven(text(values, "format"))];
    const written = await exportRun(run, out, { ...workOptions(), format });
    print(`${out}: the model of ${run} (${written.backbone} and head) as ${written.format}`);
    return 0;
  },
};

function formatGiven(given: string | undefined): ExportFormat | undefined {
  const format = EXPORT_FORMATS.find((known) => known === given);
  if (given === undefined || format) return format;
  throw new UsageError(`--format ${given} is not known: take ${EXPORT_FORMATS.join(" or ")}.`);
}
