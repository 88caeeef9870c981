"""What other programs make of a model card: PyYAML of its front matter, mistune of its Markdown.

    .venv/bin/python test/peers/read_card.py README.md

Prints {"front": …, "cells": [text of each table cell], "tags": [names of the HTML elements], "links": […]} as JSON. Where
huggingface_hub can be imported (MOVIE_REVENUE_PEER_PYTHON), the hub's own ModelCard reads the file too: "hub".
"""

import json
import sys
from html.parser import HTMLParser

import mistune
import yaml


class Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.cells, self.tags, self.links = [], set(), []
        self.in_cell = False

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in ("href", "src") or name.startswith("on")]
        if tag in ("td", "th"):
            self.cells.append("")
            self.in_cell = True

    def handle_endtag(self, tag):
        self.in_cell = self.in_cell and tag not in ("td", "th")

    def handle_data(self, data):
        if self.in_cell:
            self.cells[-1] += data


text = open(sys.argv[1], encoding="utf-8").read()
_, front, body = text.split("---\n", 2)
elements = Elements()
# escape=False: raw HTML stays what it is, so that any that got through is seen
markdown = mistune.create_markdown(escape=False, plugins=["table", "url", "strikethrough", "math"])
elements.feed(markdown(body))
seen = {
    "front": yaml.safe_load(front),
    "cells": elements.cells,
    "tags": sorted(elements.tags),
    "links": elements.links,
}
try:
    from huggingface_hub import ModelCard
except ImportError:
    pass
else:
    data = ModelCard.load(sys.argv[1]).data
    seen["hub"] = [
        {"task": result.task_type, "dataset": result.dataset_name, "metric": result.metric_type, "value": result.metric_value}
        for result in data.eval_results
    ]
print(json.dumps(seen))
