"""Parameters of TypeScript notebooks for papermill, which finds this module by the entry point beside it.

papermill has entry points for engines alone: the one that is named here is its own, and loading it brings the translator.
"""

import json
import re

from papermill.engines import NBClientEngine as Engine  # noqa: F401
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

# let name: type = value; // note
DECLARATION = re.compile(
    r"(?:^|(?<=;))\s*let\s+([A-Za-z_$][\w$]*)(?:\s*:\s*([^=;\n]+?)(?=\s*[=;]))?(?:\s*=\s*([^;\n]*))?;?(?:[ \t]*//[ \t]*(.*))?",
    re.MULTILINE,
)


class TypeScript(Translator):
    """Assigns what the parameters cell has declared, so that a value of another type is a type error of the cell."""

    @classmethod
    def codify(cls, parameters, comment="Parameters"):
        lines = [f"  {name} = {json.dumps(value)};\n" for name, value in parameters.items()]
        # in a block, for tslab prints the value of a cell's last statement
        return f"// {comment}\n{{\n{''.join(lines)}}}"

    @classmethod
    def inspect(cls, parameters_cell):
        return [
            Parameter(name, kind or "None", value or "", note or "")
            for name, kind, value, note in DECLARATION.findall(parameters_cell["source"])
        ]


papermill_translators.register("typescript", TypeScript)
