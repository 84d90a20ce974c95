#include "cost/parts.hpp"

#include <array>
#include <cmath>
#include <utility>

namespace wordline::cost {
namespace {

using core::Activity;

double real(std::int64_t n) { return static_cast<double>(n); }
double imas(const LayerUse& u, const TechnologySpec& t) {
  return std::ceil(real(u.arrays) / real(t.grouping.arrays_per_ima));
}

std::string interval(std::int64_t low, std::int64_t high) {
  return "[" + std::to_string(low) + ", " + std::to_string(high) + "], or 0 for an ideal one";
}

[[noreturn]] void refuse_bits(const LayerUse& u, const Technology& t, const char* name, int bits,
                              const std::string& allowed) {
  throw core::Error(core::ErrorKind::value,
                    {.rule = "technology '" + t.name + "' states no converter of this resolution",
                     .name = "layer '" + u.name + "': " + name,
                     .value = std::to_string(bits),
                     .unit = "bit",
                     .allowed = allowed,
                     .remedy = "or give a technology file that states it"});
}

Scale absent(std::string why) {
  return {.energy = 0, .power = 0, .area = 0, .text = std::move(why), .source = "", .basis = "assumed", .absent = true};
}

Scale adc_scale(const Technology& t, const LayerUse& u) {
  if (u.adc_bits == 0) return absent("ideal converter: no hardware, not priced");
  const AdcResolution& r = t.spec.adc_resolution;
  if (u.adc_bits < r.first_bits || u.adc_bits > r.last_bits())
    refuse_bits(u, t, "adc_bits", u.adc_bits, interval(r.first_bits, r.last_bits()));
  if (u.adc_bits == r.bits) return {};
  const auto i = static_cast<std::size_t>(u.adc_bits - r.first_bits);
  const auto reference = static_cast<std::size_t>(r.bits - r.first_bits);
  const double energy = r.energy[i] / r.energy[reference];
  const double area = r.area[i] / r.area[reference];
  const auto& origin = t.number("adc_resolution.energy");
  return {.energy = energy,
          .power = energy,
          .area = area,
          .text = std::to_string(u.adc_bits) + " bit against " + std::to_string(r.bits) +
                  " bit at the same rate: energy x " + core::number(energy) + ", area x " + core::number(area),
          .source = origin.source,
          .basis = origin.basis};
}

Scale driver_scale(const Technology& t, const LayerUse& u) {
  if (u.dac_bits == 0) return absent("ideal driver: no hardware, not priced");
  const std::int64_t limit = t.spec.driver_resolution.max_bits;
  if (u.dac_bits > limit) refuse_bits(u, t, "dac_bits", u.dac_bits, interval(1, limit));
  if (u.dac_bits == 1) return {};
  const double factor = std::ldexp(1.0, u.dac_bits - 1);
  return {.energy = factor,
          .power = factor,
          .area = factor,
          .text = std::to_string(u.dac_bits) + "-bit driver = 2^(b-1) drivers of 1 bit: x " + core::number(factor),
          .source = "capacitive DAC, as hwcomponents-library scales the ISAAC DAC",
          .basis = "assumed"};
}

Scale area_ratio(double ratio, const char* what) {
  if (ratio == 1.0) return {};
  return {.energy = 1.0,
          .power = ratio,
          .area = ratio,
          .text = std::string("area and rated power x ") + core::number(ratio) + what,
          .source = "",
          .basis = "assumed"};
}
Scale array_scale(const Technology& t, const LayerUse& u) {
  const double table = real(t.spec.grouping.array_rows) * real(t.spec.grouping.array_cols);
  return area_ratio(real(u.rows) * real(u.cols) / table, " (cells of the array)");
}
Scale row_scale(const Technology& t, const LayerUse& u) {
  return area_ratio(real(u.rows) / real(t.spec.grouping.array_rows), " (rows of the array)");
}
Scale col_scale(const Technology& t, const LayerUse& u) {
  return area_ratio(real(u.cols) / real(t.spec.grouping.array_cols), " (columns of the array)");
}

// The ratio of shift-and-add units to ADCs is the one of the table.
double shift_adders(const LayerUse& u, const TechnologySpec& t) {
  return std::ceil(real(u.converters) * real(t.shift_add.units) / real(t.adc.units));
}

double conversions(const Activity& a) { return real(a.conversions); }
double row_drives(const Activity& a) { return real(a.row_drives); }
double shift_adds(const Activity& a) { return real(a.shift_adds); }
double input_bits(const Activity& a) { return real(a.input_bits); }
double output_bits(const Activity& a) { return real(a.output_bits); }
double moved_bits(const Activity& a) { return real(a.input_bits) + real(a.output_bits); }
// A finished output crosses the router of its own tile and that of the tile which takes it.
double crossings(const Activity& a) { return 2.0 * real(a.output_bits); }

using T = TechnologySpec;
using U = LayerUse;

constexpr std::array table{
    Part{"array", "array", Level::array, &T::array, "array read", nullptr,
         [](const U& u, const T&) { return real(u.arrays); }, array_scale},
    Part{"adc", "ADC", Level::array, &T::adc, "conversion", conversions,
         [](const U& u, const T&) { return real(u.converters); }, adc_scale},
    Part{"driver", "row driver", Level::array, &T::driver, "row drive", row_drives,
         [](const U& u, const T&) { return real(u.row_drivers); }, driver_scale},
    Part{"sample_hold", "sample-and-hold", Level::array, &T::sample_hold, "column sample", conversions,
         [](const U& u, const T&) { return real(u.arrays) * real(u.cols); }, nullptr},
    Part{"shift_add", "shift-and-add", Level::array, &T::shift_add, "shift-and-add", shift_adds, shift_adders, nullptr},
    Part{"input_register", "input register", Level::ima, &T::input_register, "bit held", input_bits, imas, row_scale},
    Part{"output_register", "output register", Level::ima, &T::output_register, "update", shift_adds, imas, col_scale},
    Part{"buffer", "buffer", Level::tile, &T::buffer, "bit read or written", moved_bits, nullptr, nullptr},
    Part{"bus", "bus", Level::tile, &T::bus, "bit moved", moved_bits, nullptr, nullptr},
    Part{"tile_register", "tile output register", Level::tile, &T::tile_register, "bit held", output_bits, nullptr,
         nullptr},
    Part{"tile_shift_add", "tile shift-and-add", Level::tile, &T::tile_shift_add, "", nullptr, nullptr, nullptr},
    Part{"activation", "activation units", Level::tile, &T::activation, "", nullptr, nullptr, nullptr},
    Part{"pooling", "pooling unit", Level::tile, &T::pooling, "", nullptr, nullptr, nullptr},
    Part{"router", "router", Level::router, &T::router, "bit crossing", crossings, nullptr, nullptr},
    Part{"chip_link", "chip links", Level::chip, &T::chip_link, "", nullptr, nullptr, nullptr},
};

}  // namespace

std::span<const Part> parts() { return table; }

}  // namespace wordline::cost
