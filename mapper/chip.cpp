#include "mapper/chip.hpp"

#include "cost/technology.hpp"

namespace wordline::mapper {
namespace {

using core::ErrorKind;

void refuse(bool bad, const char* name, const std::string& value, const char* rule, const char* remedy) {
  core::require(!bad, ErrorKind::value,
                {.rule = rule, .name = name, .value = value, .unit = "", .allowed = "", .remedy = remedy});
}

std::string text(const std::optional<std::int64_t>& n) { return n ? std::to_string(*n) : "None"; }

// A cell with L states holds a slice of b bits when every level of the slice falls on one of its states.
void check_levels(const ChipSpec& chip, const devices::Window& window) {
  if (window.levels == 0) return;
  refuse(!chip.weights.bits, "weights.bits", "None", "cells with a finite number of levels hold whole numbers",
         "give weights.bits");
  if (!chip.weights.bits) return;
  const std::int64_t magnitude = *chip.weights.bits - (chip.weights.encoding == Encoding::differential ? 1 : 0);
  const std::int64_t bits = std::min(magnitude, chip.weights.slice_bits.value_or(magnitude));
  const std::int64_t steps = (std::int64_t{1} << bits) - 1;
  core::require((window.levels - 1) % steps == 0, ErrorKind::value,
                {.rule = "the cell " + chip.cell.model + " has " + std::to_string(window.levels) +
                         " levels, which do not hold a slice of this many bits",
                 .name = "weights.slice_bits",
                 .value = text(chip.weights.slice_bits),
                 .unit = "bit",
                 .allowed = "slices whose 2^bits - 1 divides " + std::to_string(window.levels - 1),
                 .remedy = "use slice_bits = 1 for binary cells"});
}

}  // namespace

void WeightsSpec::check() const {
  refuse(!bits && clip != crossbar::Statistic::max, "weights.clip", core::show(core::write(clip)),
         "continuous weights (bits = None) are never clipped", "leave clip at max or give bits");
  refuse(!bits && slice_bits.has_value(), "weights.slice_bits", text(slice_bits),
         "continuous weights (bits = None) are not sliced", "set slice_bits to None or give bits");
}

void ChipSpec::check() const {
  const auto made = cell.make();
  check_levels(*this, made->window());
  refuse(!made->is_linear() && !dac.bits, "dac.bits", "None",
         "cells with a nonlinear I-V need a finite number of input levels", "give dac.bits");
  const bool pairs = weights.encoding == Encoding::differential;
  refuse(pairs && array.cols < 2, "array.cols", std::to_string(array.cols), "a differential pair takes two columns",
         "use at least 2 columns or encoding = offset");
  refuse(!pairs && adc.subtract == crossbar::Subtract::digital, "adc.subtract", "digital",
         "offset weights have no pairs to subtract", "leave adc.subtract at analog or use differential weights");
  static_cast<void>(cost::technology(tech));
}

core::Value ideal_chip() {
  ChipSpec chip;
  chip.weights.bits.reset();
  chip.weights.slice_bits.reset();
  chip.dac.bits.reset();
  chip.dac.bits_per_cycle.reset();
  chip.dac.range = crossbar::InputRange::dynamic;
  chip.dac.signed_input = crossbar::SignedInput::bipolar;
  chip.adc.bits.reset();
  return core::write(chip);
}

core::Preset chip_preset(const std::string& name_or_path) {
  core::Preset preset = core::find_preset(presets::files(), name_or_path);
  core::require(preset.kind == "chip", ErrorKind::value,
                {.rule = "this preset does not describe a chip",
                 .name = "preset",
                 .value = name_or_path,
                 .unit = "",
                 .allowed = "kind = chip",
                 .remedy = "list the chip presets with `wordline presets`"});
  core::check_units(preset, core::describe<ChipSpec>());
  return preset;
}

}  // namespace wordline::mapper
