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

  /// Index for the multiply: bucket b holds the x with floor(density x) - origin = b, density a power of two. The first
  /// and the last bucket hold no edge and everything beyond.
  float density = 1.0F, origin = 0.0F;
  /// [bucket] number of edges below the bucket, above `edge_bits` bits which are 2^edge_bits less the place of the
  /// bucket's first edge, or 1 without one: adding a place carries into the number when it is not below that edge.
  /// Places divide a bucket into 2^place_bits.
  std::vector<std::int32_t> bucket;
  std::int32_t steps = 0;      ///< most edges in one bucket
  bool counting = true;        ///< codes count up by one at every edge
  std::vector<float> guarded;  ///< the edges and infinity

  static constexpr std::int32_t place_bits = 13, places = 8192, edge_bits = 14;

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
