"""Files of programmed chips: everything comes back, and nothing wrong is believed."""

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import onnx
import pytest
import wordline as wl
from cases import grouped, noisy_chip, recurrent, small_cnn, small_data, small_mapped
from graphs import assert_same, images, runtime
from own_cells import Twin

X, _ = small_data()


def saved(tmp_path: Path, chip: wl.ProgrammedNetwork | None = None) -> Path:
    path = tmp_path / "chip.h5"
    (chip or small_mapped().program(seed=3, chip=2)).save(path)
    return path


@pytest.mark.parametrize(
    ("model", "x"),
    [(small_cnn(), X), (grouped(), images(6, 4, 6, 6)), (recurrent(), images(6, 5, 7))],
    ids=["cnn", "grouped", "recurrent"],
)
def test_a_loaded_chip_answers_with_the_same_bits(
    tmp_path: Path, model: onnx.ModelProto, x: Any
) -> None:
    layers = {"*": {"adc.noise": 0.4}}
    mapped = wl.load(model).map(noisy_chip(), calibrate=x, layers=layers)
    chip = mapped.program(seed=3, chip=2)
    loaded = wl.load_chip(saved(tmp_path, chip))
    assert loaded.layers == chip.layers
    for first in (0, 5):
        np.testing.assert_array_equal(loaded(x, first=first)[0], chip(x, first=first)[0])
    for layer in chip.layers:
        np.testing.assert_array_equal(loaded.conductances(layer), chip.conductances(layer))
        np.testing.assert_array_equal(loaded.targets(layer), chip.targets(layer))
        np.testing.assert_array_equal(loaded.adc_codes(layer, x), chip.adc_codes(layer, x))
    assert (loaded.seed, loaded.index) == (3, 2)
    assert loaded.settings == chip.settings
    assert (loaded.pulses, loaded.energy) == (chip.pulses, chip.energy)
    assert loaded.cost(x).to_dict() == chip.cost(x).to_dict()
    assert list(tmp_path.iterdir()) == [tmp_path / "chip.h5"]


def test_a_loaded_chip_ages_as_the_first_one_does(tmp_path: Path) -> None:
    mapped = wl.load(small_cnn()).map(wl.Chip(cell="neurram-2022"), calibrate=X)
    chip = mapped.program(seed=3).age(3600.0)
    loaded = wl.load_chip(saved(tmp_path, chip))
    assert loaded.ageing == chip.ageing
    np.testing.assert_array_equal(loaded(X)[0], chip(X)[0])
    np.testing.assert_array_equal(loaded.age(1e5)(X)[0], chip.age(1e5)(X)[0])


def test_a_cell_written_in_python_comes_back(tmp_path: Path) -> None:
    chip = wl.load(small_cnn()).map(wl.Chip(cell=Twin()), calibrate=X).program(seed=3).age(20.0)
    loaded = wl.load_chip(saved(tmp_path, chip))
    assert loaded.settings.chip.cell == Twin()
    np.testing.assert_array_equal(loaded(X)[0], chip(X)[0])


def test_saving_twice_gives_the_same_file(tmp_path: Path) -> None:
    first = saved(tmp_path).read_bytes()
    wl.load_chip(tmp_path / "chip.h5").save(tmp_path / "again.h5")
    one, other = h5py.File(tmp_path / "chip.h5"), h5py.File(tmp_path / "again.h5")
    assert set(one["layers"]) == {"0", "1", "2"}
    for key in dict(one.attrs):
        assert one.attrs[key] == other.attrs[key]
    one.close()
    other.close()
    assert saved(tmp_path).read_bytes() == first


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    chip = small_mapped().program(seed=3, chip=2)
    with h5py.File(saved(tmp_path, chip)) as file:
        text = {name: file.attrs[name].decode() for name in ("wordline_format", "chip", "git_id")}
        assert text["wordline_format"] == "chip"
        assert json.loads(text["chip"]) == noisy_chip().to_dict()
        assert json.loads(file.attrs["chip_units"].decode())["dac.v_read"] == "V"
        assert (file.attrs["seed"], file.attrs["chip_index"]) == (3, 2)
        assert file["layers/1"].attrs["name"].decode() == "Conv_2"
        np.testing.assert_array_equal(
            file["layers/1/conductance"][...], chip.conductances("Conv_2")
        )
        model = onnx.load_model_from_string(file["model"][...].tobytes())
    assert_same(runtime(model, {"x": X}), wl.load(small_cnn())(X))


def test_changed_conductances_run_but_do_not_age(tmp_path: Path) -> None:
    chip = small_mapped().program(seed=3)
    path = saved(tmp_path, chip)
    with h5py.File(path, "r+") as file:
        file["layers/0/conductance"][...] = 1e-6
    loaded = wl.load_chip(path)
    assert (loaded.conductances("Conv_0") == 1e-6).all()
    np.testing.assert_array_equal(loaded.conductances("Conv_2"), chip.conductances("Conv_2"))
    assert (loaded(X)[0] != chip(X)[0]).any()
    with pytest.raises(ValueError, match=r"layer = Conv_0: .* not those of its seed has no later"):
        loaded.age(1.0)


def test_models_on_disk_may_go_but_not_change(tmp_path: Path) -> None:
    model = tmp_path / "net.onnx"
    tensors = {"save_as_external_data": True, "location": "weights.bin", "size_threshold": 0}
    onnx.save(small_cnn(), model, **tensors)
    chip = wl.load(model).map(noisy_chip(), calibrate=X).program()
    path, y = saved(tmp_path, chip), chip(X)[0]
    (tmp_path / "weights.bin").unlink()
    np.testing.assert_array_equal(wl.load_chip(path)(X)[0], y)
    changed = small_cnn()
    changed.graph.node[1].op_type = "Tanh"
    onnx.save(changed, model)
    with pytest.raises(ValueError, match="the model has changed since it was loaded"):
        saved(tmp_path, chip)
    model.unlink()
    with pytest.raises(FileNotFoundError, match="no such file"):
        saved(tmp_path, chip)


def test_nodes_kept_digital_stay_digital(tmp_path: Path) -> None:
    chip = wl.load(small_cnn(), keep_digital=["Gemm*"]).map(noisy_chip(), calibrate=X).program()
    loaded = wl.load_chip(saved(tmp_path, chip))
    assert loaded.layers == ["Conv_0", "Conv_2"]
    np.testing.assert_array_equal(loaded(X)[0], chip(X)[0])


def later(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        file.attrs["format_version"] = np.int64(99)


def without(name: str) -> Any:
    def spoil(path: Path) -> None:
        with h5py.File(path, "r+") as file:
            del file[name]

    return spoil


def with_attribute(group: str, name: str, value: Any) -> Any:
    def spoil(path: Path) -> None:
        with h5py.File(path, "r+") as file:
            file[group].attrs[name] = value

    return spoil


def damaged(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for place in range(len(data) // 4, len(data), len(data) // 40):
        data[place] ^= 0xFF
    path.write_bytes(bytes(data))


def study(path: Path) -> None:
    path.unlink()
    small_mapped().monte_carlo(X, small_data()[1], chips=1, store=path)


@pytest.mark.parametrize(
    ("spoil", "kind", "message"),
    [
        (lambda path: path.unlink(), OSError, "no such file"),
        (lambda path: path.write_bytes(b"rubbish"), OSError, "no HDF5 file"),
        (lambda path: path.write_bytes(path.read_bytes()[:3000]), OSError, "damaged|cut short"),
        (damaged, OSError, "chip.h5"),
        (study, OSError, "study"),
        (later, OSError, "99"),
        (without("model"), OSError, "model"),
        (without("layers/1/conductance"), OSError, "conductance"),
        (without("layers/2"), ValueError, "not the one that the chip was programmed with"),
        (with_attribute("/", "model_sha256", np.bytes_("0" * 64)), ValueError, "not the one"),
        (with_attribute("/", "chip", np.bytes_("{")), OSError, "chip of / is no JSON"),
        (with_attribute("/", "chip", np.bytes_('{"adc": {"bits": 99}}')), ValueError, "bits = 99"),
        (with_attribute("layers/0", "ranges", np.bytes_("{}")), ValueError, "ranges"),
        (with_attribute("layers/0", "ageing", np.bytes_("{}")), OSError, "ageing"),
    ],
)
def test_what_cannot_be_right_is_named(tmp_path: Path, spoil: Any, kind: Any, message: str) -> None:
    path = saved(tmp_path)
    spoil(path)
    with pytest.raises(kind, match=message):
        wl.load_chip(path)


def test_a_chip_is_no_study(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="chip"):
        wl.Study.load(saved(tmp_path))
    with pytest.raises(OSError, match="no"):
        small_mapped().program().save(tmp_path / "no" / "chip.h5")
