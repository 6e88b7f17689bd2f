"""A program is measured as an installed one: its code is compiled before it starts, whatever the environment."""

from __future__ import annotations

import compileall
import sys
from pathlib import Path

import checktrail
from checktrail.site.pages import environment


def compiled() -> None:
    """Compile modules and templates where they stand; an editable checkout may never have been."""
    compileall.compile_dir(Path(checktrail.__file__).parent, quiet=2)
    sys.dont_write_bytecode = False
    templates = environment()
    for name in templates.list_templates(extensions=["j2"]):
        templates.get_template(name)
