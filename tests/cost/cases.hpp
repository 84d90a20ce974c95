#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "cost/price.hpp"

/// Layers and technologies that several tests of `cost` use.
namespace cases {

using wordline::cost::LayerUse;
using wordline::cost::Ledger;
using wordline::cost::Line;
using wordline::cost::Technology;

inline const Technology& isaac() {
  static const Technology t = wordline::cost::technology("32nm");
  return t;
}

/// The shipped 32 nm file with one piece of its text replaced.
inline Technology edited(std::string_view from, std::string_view to) {
  std::string text(wordline::cost::presets::files().front().text);
  for (const auto& f : wordline::cost::presets::files())
    if (f.name == "32nm") text = f.text;
  const auto at = text.find(from);
  if (at == std::string::npos) throw std::logic_error("not in 32nm.toml: " + std::string(from));
  return wordline::cost::technology(wordline::core::parse_preset(text.replace(at, from.size(), to), "edited"));
}

/// ISAAC tiles with all arrays in use, for the 16 reads of one 16-bit input: 128 conversions per ADC and read.
inline LayerUse full_tiles(std::int64_t tiles, std::string name = "full") {
  LayerUse u{.name = std::move(name),
             .arrays = 96 * tiles,
             .rows = 128,
             .cols = 128,
             .converters = 96 * tiles,
             .row_drivers = 96 * 128 * tiles,
             .adc_bits = 8,
             .dac_bits = 1,
             .activity = {}};
  u.cells_used = u.arrays * u.rows * u.cols;
  u.activity = {.samples = 1,
                .windows = 1,
                .macs = 96 * 2048 * tiles,
                .array_reads = 16 * u.arrays,
                .row_drives = 16 * u.row_drivers,
                .conversions = 16 * 128 * u.converters,
                .saturations = 0,
                .shift_adds = 16 * 128 * u.converters,
                .input_bits = 12 * 16384 * tiles,
                .output_bits = 12 * 2048 * tiles};
  u.windows_per_sample = 1.0;
  u.cycles_per_window = 16;
  u.t_read = 100e-9;
  u.conversions_per_converter = 128;
  return u;
}

/// A layer of `arrays` arrays on which nothing happened.
inline LayerUse idle(std::int64_t arrays, std::string name = "idle") {
  LayerUse u = full_tiles(1, std::move(name));
  u.arrays = u.converters = arrays;
  u.row_drivers = 128 * arrays;
  u.cells_used = 128 * 128 * arrays;
  u.activity = {.samples = 1};
  return u;
}

inline LayerUse random_use(std::mt19937_64& bits, std::string name) {
  const auto below = [&](std::uint64_t n) { return static_cast<std::int64_t>(bits() % n); };
  LayerUse u{.name = std::move(name),
             .arrays = 1 + below(2000),
             .rows = 1 + below(1024),
             .cols = 1 + below(1024),
             .converters = 1 + below(5000),
             .row_drivers = 1 + below(100000),
             .adc_bits = 4 + static_cast<int>(below(7)),
             .dac_bits = 1 + static_cast<int>(below(8)),
             .activity = {}};
  u.cells_used = below(static_cast<std::uint64_t>(u.arrays * u.rows * u.cols));
  const auto many = [&] { return below(1000000000000ULL); };
  u.activity = {.samples = 1 + below(1000),
                .windows = many(),
                .macs = many(),
                .array_reads = 1 + many(),
                .row_drives = many(),
                .conversions = many(),
                .saturations = 0,
                .shift_adds = many(),
                .input_bits = many(),
                .output_bits = many(),
                .array_energy = static_cast<double>(many()) * 1e-15};
  u.windows_per_sample = static_cast<double>(below(50000));
  u.cycles_per_window = below(16);
  u.t_read = 1e-9 * static_cast<double>(1 + below(1000));
  u.conversions_per_converter = static_cast<double>(below(256));
  return u;
}

/// The only line of this layer and component that has an action; throws when there is none.
inline const Line& line(const Ledger& ledger, std::string_view layer, std::string_view component) {
  for (const Line& l : ledger.lines)
    if (l.layer == layer && l.component == component && !l.action.empty()) return l;
  throw std::logic_error("no such line: " + std::string(component));
}

/// The hardware of a part that all layers share.
inline const Line& shared(const Ledger& ledger, std::string_view component) {
  for (const Line& l : ledger.lines)
    if (l.layer == wordline::cost::shared_layer && l.component == component) return l;
  throw std::logic_error("no such shared line: " + std::string(component));
}

/// The message of the Error(value) that `call` throws; empty when it throws none.
inline std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const wordline::core::Error& e) {
    return e.kind() == wordline::core::ErrorKind::value ? e.what() : "not a value error: " + std::string(e.what());
  }
  return "";
}

}  // namespace cases
