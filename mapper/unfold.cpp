#include "mapper/unfold.hpp"

#include <numeric>
#include <string>

#include "core/error.hpp"

namespace wordline::mapper {
namespace {

void need(bool holds, const char* name, std::int64_t value, const char* rule) {
  core::require(holds, core::ErrorKind::value,
                {.rule = rule, .name = name, .value = std::to_string(value), .unit = "", .allowed = "", .remedy = ""});
}

std::int64_t padded(const Conv2d& conv, int axis, std::int64_t size) {
  const auto a = static_cast<std::size_t>(axis);
  return size + conv.pad_before[a] + conv.pad_after[a];
}

void place_image(const Conv2d& conv, std::int64_t height, std::int64_t width, Unfold& u) {
  const std::int64_t tall = padded(conv, 0, height), wide = padded(conv, 1, width);
  for (std::int64_t c = 0; c < conv.channels; ++c)
    for (std::int64_t y = 0; y < height; ++y)
      for (std::int64_t x = 0; x < width; ++x)
        u.place.push_back((c * tall + y + conv.pad_before[0]) * wide + x + conv.pad_before[1]);
}

void offsets_of_kernel(const Conv2d& conv, std::int64_t tall, std::int64_t wide, Unfold& u) {
  for (std::int64_t c = 0; c < conv.channels; ++c)
    for (std::int64_t ky = 0; ky < conv.kernel[0]; ++ky)
      for (std::int64_t kx = 0; kx < conv.kernel[1]; ++kx)
        u.offset.push_back((c * tall + ky * conv.dilation[0]) * wide + kx * conv.dilation[1]);
}

}  // namespace

void Conv2d::check() const {
  need(channels >= 1, "channels", channels, "a convolution has at least one channel");
  for (std::size_t a = 0; a < 2; ++a) {
    need(kernel[a] >= 1, "kernel", kernel[a], "a kernel has at least one pixel");
    need(stride[a] >= 1, "stride", stride[a], "a stride is at least one pixel");
    need(dilation[a] >= 1, "dilation", dilation[a], "a dilation is at least one pixel");
    need(pad_before[a] >= 0, "pad_before", pad_before[a], "padding is not negative");
    need(pad_after[a] >= 0, "pad_after", pad_after[a], "padding is not negative");
  }
}

std::int64_t Conv2d::out_size(int axis, std::int64_t size) const {
  const auto a = static_cast<std::size_t>(axis);
  const std::int64_t reach = dilation[a] * (kernel[a] - 1) + 1;
  const std::int64_t room = padded(*this, axis, size) - reach;
  need(room >= 0, axis == 0 ? "height" : "width", size, "the padded image is smaller than the kernel");
  return room / stride[a] + 1;
}

Unfold unfold_rows(std::int64_t windows, std::int64_t inputs) {
  Unfold u{.windows = windows,
           .inputs = inputs,
           .given = windows * inputs,
           .stored = windows * inputs,
           .base = {},
           .offset = {},
           .place = {}};
  for (std::int64_t w = 0; w < windows; ++w) u.base.push_back(w * inputs);
  u.offset.resize(static_cast<std::size_t>(inputs));
  std::iota(u.offset.begin(), u.offset.end(), std::int64_t{0});
  u.place.resize(static_cast<std::size_t>(u.given));
  std::iota(u.place.begin(), u.place.end(), std::int64_t{0});
  return u;
}

Unfold unfold_image(const Conv2d& conv, std::int64_t height, std::int64_t width) {
  conv.check();
  need(height >= 1, "height", height, "an image has at least one pixel");
  need(width >= 1, "width", width, "an image has at least one pixel");
  const std::int64_t tall = padded(conv, 0, height), wide = padded(conv, 1, width);
  const std::int64_t out_tall = conv.out_size(0, height), out_wide = conv.out_size(1, width);
  Unfold u{.windows = out_tall * out_wide,
           .inputs = conv.inputs(),
           .given = conv.channels * height * width,
           .stored = conv.channels * tall * wide,
           .base = {},
           .offset = {},
           .place = {}};
  for (std::int64_t y = 0; y < out_tall; ++y)
    for (std::int64_t x = 0; x < out_wide; ++x) u.base.push_back(y * conv.stride[0] * wide + x * conv.stride[1]);
  offsets_of_kernel(conv, tall, wide, u);
  place_image(conv, height, width, u);
  return u;
}

}  // namespace wordline::mapper
