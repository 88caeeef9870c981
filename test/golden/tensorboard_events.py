"""A run's event file as TensorBoard's own code writes it: TFRecords of its Event messages, hyper-parameters included.

    pip install tensorboard==2.20.0
    python test/golden/tensorboard_events.py

Writes tensorboard-events.json: what was to be written, the file's bytes in base64, and what EventAccumulator reads of them.
"""

import base64
import json
import os
import tempfile
from pathlib import Path

from google.protobuf import struct_pb2
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import metadata, plugin_data_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

STARTED = "2026-11-26T01:02:03.250Z"
SECONDS = 1795654923.25
HPARAMS = {"data.minBudget": 0.0, "data.minRevenue": 1e7, "data.source": "films/é.parquet", "model.hidden": "[1024,512]", "model.mirror": False}
EPOCHS = [
    {"epoch": 1, "train_loss": 0.5, "val_loss": 0.25, "lr": 0.0002, "seconds": 1.5},
    {"epoch": 2, "train_loss": 0.4375, "val_loss": 0.0, "lr": 0.0001, "seconds": 2.25},
]


def scalars(epoch):
    return Summary(value=[Summary.Value(tag=tag, simple_value=value) for tag, value in epoch.items() if tag != "epoch"])


def hparams():
    start = plugin_data_pb2.SessionStartInfo(start_time_secs=SECONDS)
    for name, value in HPARAMS.items():
        kind = {bool: "bool_value", float: "number_value", str: "string_value"}[type(value)]
        start.hparams[name].CopyFrom(struct_pb2.Value(**{kind: value}))
    content = plugin_data_pb2.HParamsPluginData(version=metadata.PLUGIN_DATA_VERSION, session_start_info=start)
    summary = metadata.create_summary_metadata(content)
    summary.plugin_data.content = content.SerializeToString(deterministic=True)
    return Summary(
        value=[Summary.Value(tag=metadata.SESSION_START_INFO_TAG, metadata=summary, tensor=metadata.NULL_TENSOR)]
    )


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "events.out.tfevents.golden")
    with open(path, "wb") as file:
        writer = RecordWriter(file)
        events = [Event(wall_time=SECONDS, file_version="brain.Event:2"), Event(wall_time=SECONDS, summary=hparams())]
        time = SECONDS
        for epoch in EPOCHS:
            time += epoch["seconds"]
            events.append(Event(wall_time=time, step=epoch["epoch"], summary=scalars(epoch)))
        for event in events:
            writer.write(event.SerializeToString(deterministic=True))
        writer.flush()
    read = EventAccumulator(folder)
    read.Reload()
    session = read.summary_metadata[metadata.SESSION_START_INFO_TAG].plugin_data.content
    golden = {
        "startedAt": STARTED,
        "hparams": HPARAMS,
        "epochs": EPOCHS,
        "bytes": base64.b64encode(Path(path).read_bytes()).decode(),
        "read": {
            "scalars": {
                tag: [[event.step, event.wall_time, event.value] for event in read.Scalars(tag)]
                for tag in read.Tags()["scalars"]
            },
            "hparams": sorted(metadata.parse_session_start_info_plugin_data(session).hparams),
        },
    }
Path(__file__).with_name("tensorboard-events.json").write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n")
