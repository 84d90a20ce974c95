#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "crossbar/adc.hpp"

namespace wordline::crossbar {

/// The static characteristic of one physical converter: which code it gives for a quantity x in LSB (x = code on an
/// ideal one). Piecewise constant: code[i] for edge[i-1] <= x < edge[i], with the first and last piece open-ended.
/// Codes need not grow with x (pipeline and cyclic converters can step back), edges do. Edges are whole multiples of
/// 1/8192 LSB.
struct Transfer {
  Transfer() = default;
  /// `edges` ascending, one fewer than `codes`; both as above.
  Transfer(std::vector<float> edges, std::vector<float> codes);

  std::vector<float> edge;  ///< ascending, one fewer than codes
  std::vector<float> code;

  /// Index for the multiply: bucket b holds the x with floor(density x) - origin = b. The first and the last bucket
  /// hold no edge and everything beyond.
  float density = 1.0F, origin = 0.0F;
  /// [bucket] place of the bucket's first edge inside it in 1/8192 of its width, or no_edge; above these 14 bits, the
  /// number of edges below the bucket.
  std::vector<std::int32_t> bucket;
  std::int32_t steps = 0;      ///< most edges in one bucket
  bool counting = true;        ///< codes count up by one at every edge
  std::vector<float> guarded;  ///< the edges and infinity

  static constexpr std::int32_t place_bits = 14, places = 8192, no_edge = 16383;

  float operator()(float x) const;

 private:
  void fill_buckets(float per_unit);
};

/// Whether converters of this kind and these errors need a Transfer; the others round x to the nearest code.
bool has_transfer(const AdcSpec& spec);

/// Builds one physical converter that gives the codes low .. high. `normal` hands out the converter's own standard
/// normal draws in a fixed order (draw number 0, 1, ...); docs/methods/converters.md says which draw is which error.
Transfer make_transfer(const AdcSpec& spec, double low, double high,
                       const std::function<double(std::uint32_t)>& normal);

}  // namespace wordline::crossbar
