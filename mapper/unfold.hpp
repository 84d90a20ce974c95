#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace wordline::mapper {

/// How a 2-d convolution walks over an image; order of axes is height, width.
struct Conv2d {
  std::int64_t channels = 1;
  std::array<std::int64_t, 2> kernel{1, 1}, stride{1, 1}, dilation{1, 1};
  std::array<std::int64_t, 2> pad_before{0, 0}, pad_after{0, 0};  ///< zeros around the image

  /// Inputs of one output pixel: channels x kernel height x kernel width.
  std::int64_t inputs() const { return channels * kernel[0] * kernel[1]; }
  /// Pixels of the output along one axis (0 = height) of an image `size` pixels long. Throws Error(value) for none.
  std::int64_t out_size(int axis, std::int64_t size) const;
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
  std::vector<std::int64_t> place;   ///< [given] where each of the caller's numbers is stored
};

/// Rows of a matrix product: `windows` vectors of `inputs` numbers per sample.
Unfold unfold_rows(std::int64_t windows, std::int64_t inputs);
/// Windows of a convolution on images of channels x height x width; inputs in the order (channel, row, column).
Unfold unfold_image(const Conv2d& conv, std::int64_t height, std::int64_t width);

}  // namespace wordline::mapper
