#include "mapper/unfold.hpp"

#include <functional>
#include <numeric>
#include <string>

#include "core/error.hpp"

namespace wordline::mapper {
namespace {

using Sizes = std::vector<std::int64_t>;

// Numbers of one sample, padding included: 16 GiB of them. Larger ones are a damaged model's.
constexpr std::int64_t most_numbers = std::int64_t{1} << 32;

void need(bool holds, const std::string& name, std::int64_t value, const char* rule) {
  core::require(holds, core::ErrorKind::value,
                {.rule = rule, .name = name, .value = std::to_string(value), .unit = "", .allowed = "", .remedy = ""});
}

std::int64_t product(const Sizes& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), std::int64_t{1}, std::multiplies<>());
}

std::int64_t padded(const Conv& conv, std::size_t axis, std::int64_t size) {
  return size + conv.pad_before[axis] + conv.pad_after[axis];
}

void check_size(std::int64_t channels, const Sizes& stored) {
  double numbers = static_cast<double>(channels);
  for (const std::int64_t size : stored) numbers *= static_cast<double>(size);
  need(numbers <= static_cast<double>(most_numbers), "image", stored.front(),
       "the padded image does not fit in memory");
}

// Numbers of a stored image between neighbours along each axis.
Sizes strides_of(const Sizes& stored) {
  Sizes out(stored.size(), 1);
  for (std::size_t a = stored.size() - 1; a > 0; --a) out[a - 1] = out[a] * stored[a];
  return out;
}

// For every point of a grid, in row-major order: start + sum of (step * index) along the axes.
Sizes grid(const Sizes& counts, const Sizes& steps, std::int64_t start) {
  Sizes out{start};
  for (std::size_t a = 0; a < counts.size(); ++a) {
    Sizes finer;
    finer.reserve(out.size() * static_cast<std::size_t>(counts[a]));
    for (const std::int64_t from : out)
      for (std::int64_t i = 0; i < counts[a]; ++i) finer.push_back(from + i * steps[a]);
    out = std::move(finer);
  }
  return out;
}

Sizes times(const Sizes& a, const Sizes& b) {
  Sizes out(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) out[i] = a[i] * b[i];
  return out;
}

// The axis from which on numbers lie in memory here as the caller's do: the last one with padding.
std::size_t rows_from(const Conv& conv) {
  std::size_t axis = conv.axes() - 1;
  while (axis > 0 && conv.pad_before[axis] == 0 && conv.pad_after[axis] == 0) --axis;
  return axis;
}

// The same grid in every channel.
Sizes in_channels(const Conv& conv, Sizes counts, Sizes steps, std::int64_t channel, std::int64_t start) {
  steps.resize(counts.size());
  counts.insert(counts.begin(), conv.channels);
  steps.insert(steps.begin(), channel);
  return grid(counts, steps, start);
}

}  // namespace

std::int64_t Conv::inputs() const { return channels * product(kernel); }

void Conv::check() const {
  need(channels >= 1, "channels", channels, "a convolution has at least one channel");
  need(axes() >= 1 && axes() <= 3, "kernel", static_cast<std::int64_t>(axes()), "an image has one to three axes");
  for (const auto* list : {&stride, &dilation, &pad_before, &pad_after})
    need(list->size() == axes(), "conv", static_cast<std::int64_t>(list->size()), "one number per axis of the kernel");
  for (std::size_t a = 0; a < axes(); ++a) {
    need(kernel[a] >= 1, "kernel", kernel[a], "a kernel has at least one pixel");
    need(stride[a] >= 1, "stride", stride[a], "a stride is at least one pixel");
    need(dilation[a] >= 1, "dilation", dilation[a], "a dilation is at least one pixel");
    need(pad_before[a] >= 0, "pad_before", pad_before[a], "padding is not negative");
    need(pad_after[a] >= 0, "pad_after", pad_after[a], "padding is not negative");
    for (const auto* list : {&kernel, &stride, &dilation, &pad_before, &pad_after})
      need((*list)[a] < most_numbers, "conv", (*list)[a], "a number of pixels far beyond any image");
  }
}

std::int64_t Conv::out_size(std::size_t axis, std::int64_t size) const {
  const std::int64_t reach = dilation[axis] * (kernel[axis] - 1) + 1;
  const std::int64_t room = padded(*this, axis, size) - reach;
  need(room >= 0, "image axis " + std::to_string(axis), size, "the padded image is smaller than the kernel");
  return room / stride[axis] + 1;
}

Unfold unfold_rows(std::int64_t windows, std::int64_t inputs) {
  Unfold u{.windows = windows,
           .inputs = inputs,
           .given = windows * inputs,
           .stored = windows * inputs,
           .base = {},
           .offset = {},
           .row = windows * inputs,
           .place = {0}};
  for (std::int64_t w = 0; w < windows; ++w) u.base.push_back(w * inputs);
  u.offset.resize(static_cast<std::size_t>(inputs));
  std::iota(u.offset.begin(), u.offset.end(), std::int64_t{0});
  return u;
}

Unfold unfold_image(const Conv& conv, const std::vector<std::int64_t>& size) {
  conv.check();
  need(size.size() == conv.axes(), "image", static_cast<std::int64_t>(size.size()), "one size per axis of the kernel");
  Sizes stored, out;
  for (std::size_t a = 0; a < size.size(); ++a) {
    need(size[a] >= 1, "image axis " + std::to_string(a), size[a], "an image has at least one pixel");
    stored.push_back(padded(conv, a, size[a]));
    out.push_back(conv.out_size(a, size[a]));
  }
  check_size(conv.channels, stored);
  const Sizes step = strides_of(stored);
  const std::int64_t channel = product(stored);
  const Sizes corner = times(conv.pad_before, step);
  const auto row = size.begin() + static_cast<std::ptrdiff_t>(rows_from(conv));
  return {.windows = product(out),
          .inputs = conv.inputs(),
          .given = conv.channels * product(size),
          .stored = conv.channels * channel,
          .base = grid(out, times(conv.stride, step), 0),
          .offset = in_channels(conv, conv.kernel, times(conv.dilation, step), channel, 0),
          .row = product({row, size.end()}),
          .place = in_channels(conv, {size.begin(), row}, step, channel,
                               std::accumulate(corner.begin(), corner.end(), std::int64_t{0}))};
}

}  // namespace wordline::mapper
