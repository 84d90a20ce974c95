# Everything goes through tools/*.sh, so that CI and people run the same commands.
.PHONY: demo test fuzz bench bench-engine bench-wires stubs format lint clean

demo:
	tools/setup.sh
	.venv/bin/python examples/demo.py

test:
	tools/test.sh

fuzz:
	tools/fuzz.sh

bench:
	tools/bench.sh

bench-engine:
	tools/bench.sh 'engine_*' | python3 bench/judge.py

bench-wires:
	tools/bench.sh 'wires_*'

stubs:
	tools/stubs.sh

format:
	tools/format.sh

lint:
	tools/lint.sh

clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
