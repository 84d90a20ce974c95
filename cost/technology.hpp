#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/embedded.hpp"
#include "core/preset.hpp"
#include "core/spec.hpp"

namespace wordline::cost {

/// One kind of hardware as papers publish it. Energy of one action = power / units / rate.
struct Component {
  double power = 0.0;             ///< W, rated, of all `units` together
  double area = 0.0;              ///< m^2, of all `units` together
  std::int64_t units = 1;         ///< how many of them stand in one IMA, tile, router group or chip
  std::optional<double> rate;     ///< 1/s, actions of one unit at full load; none: no action of it is counted
  std::optional<double> leakage;  ///< W, of one unit; none: the technology does not state it

  static constexpr std::string_view spec_name = "Component";
  static constexpr auto fields() {
    return std::make_tuple(
        core::field("power", &Component::power, "W", core::at_least(0), "rated power of all units together"),
        core::field("area", &Component::area, "m^2", core::at_least(0), "area of all units together"),
        core::field("units", &Component::units, "unit", core::at_least(1), "units that power and area are for"),
        core::field("rate", &Component::rate, "1/s", core::positive(), "actions of one unit at full load"),
        core::field("leakage", &Component::leakage, "W", core::at_least(0), "leakage power of one unit"));
  }
  double unit_power() const { return power / static_cast<double>(units); }
  double unit_area() const { return area / static_cast<double>(units); }
  /// J per action; the component must state its rate.
  double unit_energy() const { return unit_power() / rate.value(); }
};

/// How arrays are gathered: parts of an IMA or a tile are paid once for each one that is started.
struct Grouping {
  std::int64_t array_rows = 128, array_cols = 128;  ///< the array that areas and registers of the table are for
  std::int64_t arrays_per_ima = 8;                  ///< IMA: arrays that share input and output registers
  std::int64_t imas_per_tile = 12;
  std::int64_t tiles_per_router = 4;
  std::int64_t tiles_per_chip = 168;

  static constexpr std::string_view spec_name = "Grouping";
  static constexpr auto fields() {
    constexpr auto some = core::at_least(1);
    return std::make_tuple(
        core::field("array_rows", &Grouping::array_rows, "row", some, "rows of the array the table is for"),
        core::field("array_cols", &Grouping::array_cols, "column", some, "columns of the array the table is for"),
        core::field("arrays_per_ima", &Grouping::arrays_per_ima, "array", some, "arrays that share their registers"),
        core::field("imas_per_tile", &Grouping::imas_per_tile, "IMA", some, "IMAs that share buffer and bus"),
        core::field("tiles_per_router", &Grouping::tiles_per_router, "tile", some, "tiles that share a router"),
        core::field("tiles_per_chip", &Grouping::tiles_per_chip, "tile", some, "tiles of a chip"));
  }
};

/// ADC energy and area of other resolutions, relative to the one of the component table. No extrapolation.
struct AdcResolution {
  std::int64_t bits = 8;        ///< resolution of `TechnologySpec::adc`
  std::int64_t first_bits = 8;  ///< resolution of the first entry of both lists
  std::vector<double> energy;   ///< J per conversion, one entry per bit; only ratios are used
  std::vector<double> area;     ///< m^2, one entry per bit; only ratios are used

  static constexpr std::string_view spec_name = "AdcResolution";
  static constexpr auto fields() {
    constexpr auto range = core::between(1, 32);
    return std::make_tuple(
        core::field("bits", &AdcResolution::bits, "bit", range, "resolution of the ADC in the table"),
        core::field("first_bits", &AdcResolution::first_bits, "bit", range, "resolution of the lists' first entry"),
        core::field("energy", &AdcResolution::energy, "J", core::positive(), "energy per conversion, bit by bit"),
        core::field("area", &AdcResolution::area, "m^2", core::positive(), "area, bit by bit"));
  }
  void check() const;
  std::int64_t last_bits() const { return first_bits + static_cast<std::int64_t>(energy.size()) - 1; }
};

/// A driver of b amplitude bits costs 2^(b-1) one-bit drivers (capacitive DAC; an assumption, said in the ledger).
struct DriverResolution {
  std::int64_t max_bits = 1;

  static constexpr std::string_view spec_name = "DriverResolution";
  static constexpr auto fields() {
    return std::make_tuple(core::field("max_bits", &DriverResolution::max_bits, "bit", core::between(1, 16),
                                       "most amplitude bits that the scaling is trusted for"));
  }
};

/// Everything a technology file states. Which part is paid where, and for which action: cost/parts.cpp.
struct TechnologySpec {
  double node = 0.0;  ///< m
  Grouping grouping;
  Component array, adc;
  AdcResolution adc_resolution;
  Component driver;
  DriverResolution driver_resolution;
  Component sample_hold, shift_add, input_register, output_register;
  Component buffer, bus, router, tile_register, tile_shift_add, activation, pooling, chip_link;

  static constexpr std::string_view spec_name = "Technology";
  static constexpr auto fields() {
    constexpr auto part = [](std::string_view name, Component TechnologySpec::* member, std::string_view help) {
      return core::field(name, member, "", core::any(), help);
    };
    using T = TechnologySpec;
    return std::make_tuple(
        core::field("node", &T::node, "m", core::positive(), "process node that all numbers are for"),
        core::field("grouping", &T::grouping, "", core::any(), "arrays in an IMA, IMAs in a tile, tiles on a chip"),
        part("array", &T::array, "cells of the arrays; measured energy is V^2 G t, not this power"),
        part("adc", &T::adc, "analog-to-digital converters"),
        core::field("adc_resolution", &T::adc_resolution, "", core::any(), "ADC of other resolutions"),
        part("driver", &T::driver, "row drivers (DACs) of one bit"),
        core::field("driver_resolution", &T::driver_resolution, "", core::any(), "drivers of more than one bit"),
        part("sample_hold", &T::sample_hold, "sample-and-hold, one per column"),
        part("shift_add", &T::shift_add, "shift-and-add units behind the ADCs"),
        part("input_register", &T::input_register, "input register of an IMA"),
        part("output_register", &T::output_register, "output register of an IMA"),
        part("buffer", &T::buffer, "activation buffer of a tile (eDRAM)"),
        part("bus", &T::bus, "bus between the buffer and the IMAs of a tile"),
        part("router", &T::router, "network router"),
        part("tile_register", &T::tile_register, "output register of a tile"),
        part("tile_shift_add", &T::tile_shift_add, "shift-and-add that joins the IMAs of a tile"),
        part("activation", &T::activation, "activation-function units of a tile"),
        part("pooling", &T::pooling, "pooling unit of a tile"),
        part("chip_link", &T::chip_link, "links between chips"));
  }
};

/// A technology with the origin of each of its numbers.
struct Technology {
  std::string name, title, source;
  TechnologySpec spec;
  std::map<std::string, core::PresetNumber> numbers;  ///< by dotted path: "adc.power"

  /// Where the number at `path` comes from and how it is known; both empty for a number that is not stated.
  const core::PresetNumber& number(const std::string& path) const;
};

/// The technology called `name_or_path`: a shipped one ("32nm") or the user's own ".toml" file. Throws Error(value) for
/// an unknown name, a missing or unknown number, a number out of range or in another unit than SI; Error(io) for an
/// unreadable file.
Technology technology(const std::string& name_or_path);
/// The same, from a preset that was read already.
Technology technology(const core::Preset& preset);

/// The cited technologies that come with the library.
namespace presets {
std::span<const core::EmbeddedFile> files();
}

}  // namespace wordline::cost
