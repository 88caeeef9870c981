"""Runs notebooks with nbclient, each in a kernel of its own: python clients.py NOTEBOOK…; prints how each ended."""

import asyncio
import json
import sys

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError


async def end_of(path):
    notebook = nbformat.read(path, as_version=4)
    raised = None
    try:
        await NotebookClient(notebook, timeout=60).async_execute()
    except CellExecutionError as error:
        raised = error.ename
    outputs = [output for cell in notebook.cells for output in cell.outputs if output.output_type == "error"]
    return {"raised": raised, "shown": [f"{output.ename}: {output.evalue}" for output in outputs]}


async def main():
    print(json.dumps(await asyncio.gather(*map(end_of, sys.argv[1:]))))


asyncio.run(main())
