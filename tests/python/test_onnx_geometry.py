"""Where convolution windows lie, on paper."""

import pytest
from wordline.onnx import ConvGeometry


def test_same_pads_put_the_odd_pixel_where_the_name_says() -> None:
    upper = ConvGeometry((2, 4), auto_pad="SAME_UPPER")
    lower = ConvGeometry((2, 4), auto_pad="SAME_LOWER")
    assert upper.pads_for(5, 5) == (0, 1, 1, 2)
    assert lower.pads_for(5, 5) == (1, 2, 0, 1)
    assert upper.out_size(5, 5) == lower.out_size(5, 5) == (5, 5)


@pytest.mark.parametrize("size", range(1, 12))
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_same_pads_give_size_over_stride_windows(size: int, stride: int) -> None:
    conv = ConvGeometry((3, 3), (stride, stride), auto_pad="SAME_UPPER")
    assert conv.out_size(size, size) == (-(-size // stride),) * 2


def test_explicit_pads_strides_and_dilations() -> None:
    conv = ConvGeometry((3, 2), strides=(2, 1), dilations=(2, 3), pads=(1, 0, 2, 1))
    assert conv.pads_for(9, 9) == (1, 0, 2, 1)
    assert conv.out_size(9, 9) == ((9 + 3 - 5) // 2 + 1, (9 + 1 - 4) // 1 + 1)


def test_an_input_just_too_small_is_refused() -> None:
    conv = ConvGeometry((3, 3), pads=(1, 0, 0, 0))
    assert conv.out_size(2, 3) == (1, 1)
    with pytest.raises(ValueError, match=r"height x width = 1x3 pixels: .*allowed: 3x3 or more"):
        conv.out_size(1, 3)
    with pytest.raises(ValueError, match="height x width = 2x2 pixels"):
        conv.out_size(2, 2)
