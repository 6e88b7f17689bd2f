"""What `pip-audit --format json` found: python .ci/audited.py FILE.

Ends with 0 when every package was looked up and none has a known vulnerability, 1 when one has, 3 when some were not
looked up: what the service does not know, it passes over as if nothing were known against it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

OWN = "checktrail"  # no service knows what is being made here


def main() -> int:
    file = Path(sys.argv[1])
    if not file.is_file() or not file.read_bytes().strip():
        print("The advisory service cannot be reached from here: nothing was audited.")
        return 3
    packages = [one for one in json.loads(file.read_bytes())["dependencies"] if one["name"] != OWN]
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    known = [(one["name"], one["version"], each["id"]) for one in packages for each in one.get("vulns", ())]
    for name, version, identity in known:
        print(f"{name} {version}: {identity}")
    if skipped:
        print(
            f"{len(skipped)} of {len(packages)} packages could not be audited: the advisory service does not know them."
        )
    if known:
        return 1
    if skipped:
        return 3
    print(f"All {len(packages)} packages were audited: no vulnerability is known.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
