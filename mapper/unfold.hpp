#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace wordline::mapper {

/// How a convolution walks over an image of one, two or three axes (height, width in two).
struct Conv {
  std::int64_t channels = 1;  ///< of all groups
  std::vector<std::int64_t> kernel, stride, dilation;
  std::vector<std::int64_t> pad_before, pad_after;  ///< zeros around the image

  std::size_t axes() const { return kernel.size(); }
  /// Inputs of one output pixel: channels x pixels of the kernel.
  std::int64_t inputs() const;
  /// Pixels of the output along one axis of an image `size` pixels long. Throws Error(value) for none.
  std::int64_t out_size(std::size_t axis, std::int64_t size) const;
  /// Throws Error(value) unless every number is possible.
  void check() const;
};

/// Where the inputs of every window lie in one stored sample: input k of window w is at base[w] + offset[k]. A matrix
/// layer's windows are its rows; a convolution's are its output pixels, on an image stored with its padding, so that
/// the unfolded matrix is never built.
struct Unfold {
  std::int64_t windows = 1;
  std::int64_t inputs = 0;           ///< inputs per window
  std::int64_t given = 0;            ///< numbers per sample as the caller stores them
  std::int64_t stored = 0;           ///< numbers per sample here, padding included
  std::vector<std::int64_t> base;    ///< [window]
  std::vector<std::int64_t> offset;  ///< [input]
  std::int64_t row = 1;              ///< of the caller's numbers stand side by side here, too
  std::vector<std::int64_t> place;   ///< [given / row] where each row of the caller's numbers is stored
};

/// Calls with(sample, window, count, v) for vectors v .. v + count - 1 that are windows of one sample, side by side,
/// until the vectors first .. last - 1 of all samples are covered; at most `most` at a time.
template <class With>
void for_each_run(const Unfold& unfold, std::int64_t first, std::int64_t last, std::int64_t most, const With& with) {
  for (std::int64_t v = first; v < last;) {
    const std::int64_t sample = v / unfold.windows, window = v % unfold.windows;
    const std::int64_t count = std::min({unfold.windows - window, last - v, most});
    with(sample, window, count, v);
    v += count;
  }
}

/// Rows of a matrix product: `windows` vectors of `inputs` numbers per sample.
Unfold unfold_rows(std::int64_t windows, std::int64_t inputs);
/// Windows of a convolution on images of channels x size; inputs in the order (channel, kernel pixel), row by row.
Unfold unfold_image(const Conv& conv, const std::vector<std::int64_t>& size);

}  // namespace wordline::mapper
