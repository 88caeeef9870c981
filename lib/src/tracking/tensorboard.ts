import { Root } from "protobufjs/light";
import schema from "./tfevents-schema.json";
import { tfRecord } from "./tfrecord";

/** Numbers of one moment of a run, each under its tag. */
export interface Scalars {
  step: number;
  /** Seconds since 1970. */
  time: number;
  values: Readonly<Record<string, number>>;
}

export interface TensorBoardRun {
  /** Seconds since 1970. */
  startedAt: number;
  /** Settings by name; a list is told as JSON. */
  hparams: Readonly<Record<string, unknown>>;
  scalars: readonly Scalars[];
}

/** What an event file begins with (tensorflow/core/util/events_writer.h). */
const FILE_VERSION = "brain.Event:2";
/** Under which the hparams plugin looks (tensorboard/plugins/hparams/metadata.py), with an empty float tensor. */
const SESSION_START_INFO_TAG = "_hparams_/session_start_info";
const NULL_TENSOR = { dtype: 1, tensorShape: { dim: [{}] } };

const messages = Root.fromJSON(schema);

/** The bytes of an event file that TensorBoard reads: its scalars, and the run's settings for the tab HPARAMS. */
export function formatEvents({ startedAt, hparams, scalars }: TensorBoardRun): Uint8Array {
  const events = [
    { wallTime: startedAt, fileVersion: FILE_VERSION },
    { wallTime: startedAt, summary: { value: [sessionStart(startedAt, hparams)] } },
    ...scalars.map(({ step, time, values }) => {
      const value = Object.entries(values).map(([tag, simpleValue]) => ({ tag, simpleValue }));
      return { wallTime: time, step, summary: { value } };
    }),
  ];
  return Buffer.concat(events.map((event) => tfRecord(encode("Event", event))));
}

function sessionStart(startedAt: number, hparams: TensorBoardRun["hparams"]): object {
  const sorted = Object.entries(hparams).sort(([a], [b]) => (a < b ? -1 : 1));
  const values = Object.fromEntries(sorted.map(([name, value]) => [name, valueMessage(value)]));
  const content = encode("HParamsPluginData", { sessionStartInfo: { hparams: values, startTimeSecs: startedAt } });
  return {
    ...{ tag: SESSION_START_INFO_TAG, tensor: NULL_TENSOR },
    metadata: { pluginData: { pluginName: "hparams", content } },
  };
}

function valueMessage(value: unknown): object {
  if (typeof value === "number") return { numberValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  return { stringValue: typeof value === "string" ? value : JSON.stringify(value) };
}

function encode(message: string, value: object): Uint8Array {
  return messages.lookupType(message).encode(value).finish();
}
