"""The command `wordline`: run, cost, report, presets."""

import argparse
import json
import sys
import tomllib
from collections.abc import Callable, Sequence
from typing import Any

from wordline import _core
from wordline.data import read_npz
from wordline.errors import fail
from wordline.mapped import Mapped
from wordline.network import load
from wordline.presets import preset, preset_info, presets
from wordline.specs import Chip
from wordline.study import Study

CALIBRATION = 256  # samples of the data, where no calibration file is given


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code: 0, 2 for a refused input, 130 after Ctrl-C."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], None] = options.command
    try:
        command(options)
    except KeyboardInterrupt:
        _say("interrupted; finished chips are kept when -o was given")
        return 130
    except BrokenPipeError:
        return 0
    except (ValueError, TypeError, IndexError, OSError, NotImplementedError, RuntimeError) as error:
        _say(" ".join(str(error).split()))
        return 2
    return 0


def run(options: argparse.Namespace) -> None:
    """Accuracy and cost over several chips."""
    data = read_npz(options.data).first(options.limit)
    mapped = _mapped(options, data.x)
    study = mapped.monte_carlo(
        data.x,
        data.y,
        chips=options.chips,
        seed=options.seed,
        store=options.output,
        threads=options.threads,
        progress=not options.json,
    )
    calibration = options.calibrate or f"first {min(CALIBRATION, len(data.x))} of the scored data"
    if not options.calibrate:
        _say(f"ranges calibrated on the {calibration}; --calibrate takes them from other data")
    _print({**study.to_dict(), "calibration": calibration} if options.json else study)


def cost(options: argparse.Namespace) -> None:
    """Energy, area and latency of one inference, from the samples of --data."""
    data = read_npz(options.data, labels=False).first(options.limit or CALIBRATION)
    priced = _mapped(options, data.x).cost(data.x)
    _print(priced.to_dict() if options.json else priced)


def report(options: argparse.Namespace) -> None:
    """One HTML file about a finished study."""
    Study.load(options.study).report(options.output)


def show_presets(options: argparse.Namespace) -> None:
    """All presets, or every number of one."""
    if options.name:
        _print(preset_info(options.name) if options.json else preset(options.name))
    else:
        _print(_core.presets() if options.json else presets())


def setting(text: str) -> tuple[str, Any]:
    """ "adc.bits=6" as a name and a value: TOML where it is TOML, None for none, else text."""
    name, equals, value = text.partition("=")
    if not (name.strip() and equals):
        fail(ValueError, "a setting is written name=value", name="--set", value=text)
    if value.strip().lower() == "none":
        return name.strip(), None
    try:
        return name.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name.strip(), value.strip()


def layer_setting(text: str) -> tuple[str, dict[str, Any]]:
    """ "fc*:adc.bits=6" as a pattern of layers and a setting. Names of layers may hold colons."""
    left, equals, value = text.partition("=")
    pattern, colon, name = left.rpartition(":")
    if not (pattern.strip() and colon and name.strip() and equals):
        rule = "a layer's setting is written pattern:name=value"
        fail(ValueError, rule, name="--layer", value=text)
    return pattern.strip(), dict([setting(f"{name}={value}")])


def _mapped(options: argparse.Namespace, x: Any) -> Mapped:
    chip = Chip.preset(options.chip).override(dict(setting(text) for text in options.set))
    layers = [layer_setting(text) for text in options.layer]
    samples = x[:CALIBRATION]
    if options.calibrate:
        samples = read_npz(options.calibrate, labels=False).x
    net = load(options.model)
    return net.map(chip, calibrate=samples, layers=layers, threads=options.threads)


def _print(result: Any) -> None:
    text = json.dumps(result, indent=2) if isinstance(result, dict | list) else repr(result)
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _say(message: str) -> None:
    sys.stderr.write(f"wordline: {message}\n")


def _parser() -> argparse.ArgumentParser:
    text = "Accuracy, energy, area and latency of a neural network on resistive crossbars."
    parser = argparse.ArgumentParser(prog="wordline", description=text)
    parser.add_argument("--version", action="version", version=f"wordline {_core.version()}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_run(commands.add_parser("run", help="accuracy and cost over several chips"))
    _add_cost(commands.add_parser("cost", help="energy, area and latency of one inference"))
    _add_report(commands.add_parser("report", help="an HTML report of a finished study"))
    _add_presets(commands.add_parser("presets", help="the cited presets and their numbers"))
    return parser


def _add_run(parser: argparse.ArgumentParser) -> None:
    _add_model(parser, run)
    parser.add_argument("--chips", type=int, default=10, help="chips to program (default 10)")
    parser.add_argument("--seed", type=int, default=0, help="of the study (default 0)")
    parser.add_argument("-o", "--output", metavar="STUDY.h5", help="store; a killed study resumes")


def _add_cost(parser: argparse.ArgumentParser) -> None:
    _add_model(parser, cost)


def _add_model(parser: argparse.ArgumentParser, command: Callable[..., None]) -> None:
    parser.set_defaults(command=command)
    parser.add_argument("model", metavar="MODEL.onnx")
    parser.add_argument("--chip", required=True, help="name of a chip preset, or a .toml file")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="as in --set adc.bits=6"
    )
    text = "for some layers, by name or pattern, as in --layer 'fc*:adc.bits=6'; later ones win"
    parser.add_argument(
        "--layer", action="append", default=[], metavar="PATTERN:NAME=VALUE", help=text
    )
    parser.add_argument("--data", required=True, metavar="DATA.npz", help="arrays x, y, scale")
    text = f"samples for the ranges (default: the first {CALIBRATION} of the data)"
    parser.add_argument("--calibrate", metavar="DATA.npz", help=text)
    parser.add_argument("--limit", type=_positive, metavar="N", help="use the first N samples")
    parser.add_argument("--threads", type=int, default=0, metavar="N", help="0: all (default)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _add_report(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=report)
    parser.add_argument("study", metavar="STUDY.h5")
    parser.add_argument("-o", "--output", required=True, metavar="REPORT.html")


def _add_presets(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=show_presets)
    parser.add_argument("name", nargs="?", help="show every number of this one")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not positive")
    return number


if __name__ == "__main__":
    sys.exit(main())
