#!/usr/bin/env bash
# Gradescope runs this once, when it builds the image. Base image: Ubuntu 24.04 or later.
set -euo pipefail
cd /autograder/source

apt-get update
apt-get install -y --no-install-recommends python3 python3-venv
python3 -m venv /opt/w2v
wheels=(*.whl)
if [ -e "${wheels[0]}" ]; then
    /opt/w2v/bin/pip install "${wheels[@]}"
else
    # An index could have a package of that name by someone else, so none is asked.
    echo "w2v <<version>> is missing: put its wheel next to this file (in a clone: pip wheel --no-deps .)" >&2
    exit 1
fi
