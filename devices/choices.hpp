#pragma once

#include <algorithm>

#include "core/spec.hpp"
#include "devices/cell.hpp"

/// Settings that several cell models offer in the same words.
namespace wordline::devices {

/// What the amount of an error means: an amount in S, a ratio to G, or a ratio to the window.
enum class SigmaKind { constant, proportional, range };
inline double unit_of(SigmaKind kind, double G, const Window& window) {
  if (kind == SigmaKind::constant) return 1.0;
  return kind == SigmaKind::proportional ? G : window.G_max - window.G_min;
}

/// Where read-out ends: at 0 S, or at the ends of the window.
enum class Clip { zero, window };
inline double clipped(Clip clip, double G, double G_min, double G_max) {
  return clip == Clip::zero ? std::max(0.0, G) : std::clamp(G, G_min, G_max);
}

}  // namespace wordline::devices

template <>
struct wordline::core::EnumWords<wordline::devices::SigmaKind> {
  using E = wordline::devices::SigmaKind;
  static constexpr std::array<std::pair<std::string_view, E>, 3> words{
      {{"constant", E::constant}, {"proportional", E::proportional}, {"range", E::range}}};
};

template <>
struct wordline::core::EnumWords<wordline::devices::Clip> {
  using E = wordline::devices::Clip;
  static constexpr std::array<std::pair<std::string_view, E>, 2> words{{{"zero", E::zero}, {"window", E::window}}};
};
