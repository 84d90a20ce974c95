#!/usr/bin/env bash
# 100,000 damaged ONNX models; arguments go to tests/fuzz/run.py.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh
.venv/bin/python tests/fuzz/run.py "$@"
