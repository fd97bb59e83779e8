"""Write the `.pth` file that activates the lean layer in the environment whose Python runs this.

python -m bot.lean.install
"""

import sys
import sysconfig
from pathlib import Path

PTH_NAME = "intrathecal_bot.pth"


def install() -> Path:
    """Return the path of the `.pth` file, written into this environment's site-packages."""
    root = Path(__file__).resolve().parents[2]
    target = Path(sysconfig.get_path("purelib")) / PTH_NAME
    # the first line puts the checkout on the path (bot, actions); the second runs the hook
    target.write_text(f"{root}\nimport bot.lean.hook\n", encoding="utf-8")
    return target


if __name__ == "__main__":
    sys.stdout.write(f"lean layer: {install().name} written\n")
