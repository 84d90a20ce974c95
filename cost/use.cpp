#include "cost/use.hpp"

#include <cmath>

#include "core/error.hpp"

namespace wordline::cost {
namespace {

using core::Complaint;
using core::ErrorKind;
using core::require;

class Checker {
 public:
  explicit Checker(const std::string& layer) : layer_(layer) {}

  void at_least(std::int64_t low, std::int64_t value, const char* name) const {
    require(value >= low, ErrorKind::value,
            complaint("out of range", name, std::to_string(value), "[" + std::to_string(low) + ", inf)"));
  }
  void finite(double value, bool zero_is_fine, const char* name, const char* unit) const {
    Complaint c = complaint("out of range", name, core::number(value), zero_is_fine ? "[0, inf)" : "(0, inf)");
    c.unit = unit;
    require(std::isfinite(value) && (zero_is_fine ? value >= 0.0 : value > 0.0), ErrorKind::value, c);
  }
  void rule(bool holds, const char* rule, const char* name, double value) const {
    require(holds, ErrorKind::value, complaint(rule, name, core::number(value), ""));
  }

 private:
  Complaint complaint(const char* rule, const char* name, std::string value, std::string allowed) const {
    return {.rule = rule,
            .name = layer_ + ": " + name,
            .value = std::move(value),
            .unit = "",
            .allowed = std::move(allowed),
            .remedy = ""};
  }
  std::string layer_;
};

void check_hardware(const LayerUse& use, const Checker& c) {
  c.at_least(1, use.arrays, "arrays");
  c.at_least(1, use.rows, "rows");
  c.at_least(1, use.cols, "cols");
  c.at_least(0, use.cells_used, "cells_used");
  c.rule(static_cast<double>(use.cells_used) <= use.cells(), "no more cells are used than there are", "cells_used",
         static_cast<double>(use.cells_used));
  c.at_least(0, use.converters, "converters");
  c.at_least(0, use.row_drivers, "row_drivers");
  c.at_least(0, use.adc_bits, "adc_bits");
  c.at_least(0, use.dac_bits, "dac_bits");
}

void check_activity(const core::Activity& a, const Checker& c) {
  c.at_least(1, a.samples, "activity.samples");
  c.at_least(0, a.windows, "activity.windows");
  c.at_least(0, a.macs, "activity.macs");
  c.at_least(0, a.array_reads, "activity.array_reads");
  c.at_least(0, a.row_drives, "activity.row_drives");
  c.at_least(0, a.conversions, "activity.conversions");
  c.at_least(0, a.saturations, "activity.saturations");
  c.at_least(0, a.input_clips, "activity.input_clips");
  c.at_least(0, a.shift_adds, "activity.shift_adds");
  c.at_least(0, a.input_bits, "activity.input_bits");
  c.at_least(0, a.output_bits, "activity.output_bits");
  c.finite(a.array_energy, true, "activity.array_energy", "J");
}

void check_timing(const LayerUse& use, const Checker& c) {
  c.finite(use.array_energy_error, true, "array_energy_error", "J");
  c.finite(use.windows_per_sample, true, "windows_per_sample", "");
  c.at_least(0, use.cycles_per_window, "cycles_per_window");
  c.finite(use.t_read, false, "t_read", "s");
  c.finite(use.conversions_per_converter, true, "conversions_per_converter", "");
}

void check_consistency(const LayerUse& use, const Checker& c) {
  const core::Activity& a = use.activity;
  c.rule(use.converters > 0 || use.adc_bits == 0 || (a.conversions == 0 && use.conversions_per_converter == 0.0),
         "conversions need at least one converter", "converters", 0);
  c.rule(use.row_drivers > 0 || use.dac_bits == 0 || a.row_drives == 0, "row drives need at least one driver",
         "row_drivers", 0);
  c.rule(a.array_reads > 0 || a.array_energy == 0.0, "array energy comes from array reads", "activity.array_energy",
         a.array_energy);
  c.rule(a.saturations <= a.conversions, "no more conversions saturate than there are", "activity.saturations",
         static_cast<double>(a.saturations));
}

}  // namespace

void check(const LayerUse& use) {
  require(!use.name.empty(), ErrorKind::value,
          {.rule = "a layer has a name", .name = "name", .value = "", .unit = "", .allowed = "", .remedy = ""});
  const Checker c("layer '" + use.name + "'");
  check_hardware(use, c);
  check_activity(use.activity, c);
  check_timing(use, c);
  check_consistency(use, c);
}

}  // namespace wordline::cost
