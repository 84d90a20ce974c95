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
                 .remedy = "change slice_bits (1 for binary cells) or the levels of the cell"});
}

}  // namespace

void WeightsSpec::check() const {
  refuse(!bits && clip != crossbar::Statistic::max, "weights.clip", core::show(core::write(clip)),
         "continuous weights (bits = None) are never clipped", "leave clip at max or give bits");
  refuse(!bits && slice_bits.has_value(), "weights.slice_bits", text(slice_bits),
         "continuous weights (bits = None) are not sliced", "set slice_bits to None or give bits");
}

namespace {

// The one table of what goes together; everything that is not refused here is simulated.
void check_pairs(const ChipSpec& chip) {
  const bool pairs = chip.weights.encoding == Encoding::differential;
  const bool rows = chip.weights.pairs == PairLayout::rows;
  const bool digital = chip.adc.subtract == crossbar::Subtract::digital;
  refuse(rows && !pairs, "weights.pairs", "rows", "offset weights have no partners", "use encoding = differential");
  refuse(rows && digital, "adc.subtract", "digital", "pairs on one bit line are subtracted on it",
         "use adc.subtract = analog");
  refuse(rows && chip.array.rows < 2, "array.rows", std::to_string(chip.array.rows), "a pair takes two rows",
         "use at least 2 rows");
  refuse(rows && chip.array.active_rows.value_or(2) % 2 != 0, "array.active_rows", text(chip.array.active_rows),
         "both rows of a pair are opened together", "use an even number");
  refuse(pairs && !rows && chip.array.cols < 2, "array.cols", std::to_string(chip.array.cols),
         "a differential pair takes two columns", "use at least 2 columns or encoding = offset");
}

void check_offset(const ChipSpec& chip) {
  const bool pairs = chip.weights.encoding == Encoding::differential;
  const bool column = chip.weights.offset_by == OffsetBy::column;
  const bool digital = chip.adc.subtract == crossbar::Subtract::digital;
  refuse(column && pairs, "weights.offset_by", "column", "differential weights have no offset",
         "use encoding = offset");
  refuse(!pairs && !column && digital, "adc.subtract", "digital", "offset weights have no pairs to subtract",
         "leave adc.subtract at analog, use offset_by = column or differential weights");
  refuse(column && chip.weights.grouped == Grouped::diagonal, "weights.grouped", "diagonal",
         "a reference column holds an offset for every row, other groups' included",
         "use offset_by = digital or grouped = sequential");
  const bool single = pairs ? digital : !column;
  refuse(chip.weights.column_inversion && (!single || !chip.weights.bits), "weights.column_inversion", "True",
         "complements are taken of whole-number levels in columns that are converted alone",
         "give weights.bits, and use offset_by = digital or adc.subtract = digital");
}

void check_drive(const ChipSpec& chip, const devices::Cell& cell) {
  const bool pulses = chip.dac.drive == crossbar::Drive::pulse_width;
  refuse(!cell.is_linear() && !pulses && !chip.dac.bits, "dac.bits", "None",
         "cells with a nonlinear I-V need a finite number of input levels", "give dac.bits, or drive = pulse_width");
  const auto* rule = std::get_if<crossbar::InputRange>(&chip.dac.range);
  refuse(chip.weights.bias == BiasIn::array && rule != nullptr && *rule == crossbar::InputRange::dynamic,
         "weights.bias", "array", "a bias in cells needs one scale of the inputs for all samples",
         "use dac.range = calibrated, or weights.bias = digital");
}

// A floating line divides by its own conductance, so only single lines have a voltage worth converting.
void check_sense(const ChipSpec& chip, const devices::Cell& cell) {
  if (chip.adc.sense != crossbar::Sense::voltage) return;
  const bool pairs = chip.weights.encoding == Encoding::differential;
  const bool digital = chip.adc.subtract == crossbar::Subtract::digital;
  const bool one_line = pairs ? digital || chip.weights.pairs == PairLayout::rows
                              : digital || chip.weights.offset_by == OffsetBy::digital;
  refuse(!cell.is_linear(), "adc.sense", "voltage", "voltages of floating lines are modelled for linear cells",
         "use a linear cell or adc.sense = current");
  refuse(chip.dac.drive == crossbar::Drive::pulse_width, "adc.sense", "voltage",
         "a floating line follows the drive at each instant, not its width",
         "use dac.drive = amplitude or adc.sense = current");
  refuse(!one_line, "adc.subtract", "analog", "voltages of two floating lines differ in what they are divided by",
         "use adc.subtract = digital, or weights.pairs = rows");
}

// What a setting says that the topology has no use for.
void check_unused(const ChipSpec& chip) {
  using crossbar::Topology;
  const auto& w = chip.array.wires;
  const bool gated = chip.array.topology == Topology::gated;
  refuse(gated && w.row > 0.0, "wires.row", core::number(w.row),
         "the word lines of a gated array hold gates and carry no current", "use wires.source and wires.col");
  refuse(!gated && w.source > 0.0, "wires.source", core::number(w.source), "only gated arrays have source lines",
         "use array.topology = gated, or leave wires.source out");
  refuse(!gated && w.source_end != crossbar::WiresSpec{}.source_end, "wires.source_end", "same",
         "only gated arrays have source lines", "use array.topology = gated, or leave it out");
  refuse(chip.array.topology == Topology::input_line && w.solve == crossbar::Solve::secant, "wires.solve", "secant",
         "linear cells on input lines are a matrix: the exact one costs the same", "leave wires.solve out");
  refuse(w.ideal() && w.solve == crossbar::Solve::secant, "wires.solve", "secant",
         "lines without resistance need no approximation", "leave wires.solve out, or give resistances");
}

void check_gated(const ChipSpec& chip) {
  if (chip.array.topology != crossbar::Topology::gated) return;
  const auto& dac = chip.dac;
  refuse(dac.drive == crossbar::Drive::pulse_width, "dac.drive", "pulse_width",
         "gates that close at different times make several networks of one read", "use dac.drive = amplitude");
  refuse(!dac.bits || dac.bits_per_cycle != 1, "dac.bits_per_cycle", text(dac.bits_per_cycle),
         "a gate opens its row or not: one bit at a time", "give dac.bits, and bits_per_cycle = 1");
  refuse(dac.signed_input == crossbar::SignedInput::bipolar, "dac.signed_input", "bipolar",
         "the source lines of a gated array have one voltage for all rows",
         "use signed_input = two_pass or twos_complement");
  refuse(chip.weights.pairs == PairLayout::rows, "weights.pairs", "rows",
         "both rows of a pair see the same source line, so nothing is subtracted on the bit line",
         "use weights.pairs = columns");
}

void check_passive(const ChipSpec& chip, const devices::Cell& cell) {
  if (chip.array.topology != crossbar::Topology::passive) return;
  refuse(chip.array.active_rows.has_value(), "array.active_rows", text(chip.array.active_rows),
         "a passive array has no access devices that cut rows off", "use another topology, or leave it out");
  const bool linear = cell.is_linear() || chip.array.wires.ideal();
  const bool exact = chip.array.wires.solve == crossbar::Solve::exact;
  refuse(linear && !exact, "wires.solve", "secant",
         "an array of linear cells is a matrix: the exact one costs the same", "leave wires.solve out");
  refuse(!linear && exact && chip.dac.drive == crossbar::Drive::pulse_width, "dac.drive", "pulse_width",
         "pulses that end at different times make several networks of one read",
         "use dac.drive = amplitude, or wires.solve = secant");
}

// The one table of topologies, cells and lines (docs/methods/topologies.md).
void check_wires(const ChipSpec& chip, const devices::Cell& cell) {
  check_unused(chip);
  check_gated(chip);
  check_passive(chip, cell);
  if (chip.array.wires.ideal()) return;
  const bool input_line = chip.array.topology == crossbar::Topology::input_line;
  refuse(input_line && !cell.is_linear(), "array.topology", "input_line",
         "cells with a nonlinear I-V are no matrix behind lines with resistance",
         "use array.topology = passive or gated, a linear cell, or leave array.wires out");
  refuse(chip.adc.sense == crossbar::Sense::voltage, "adc.sense", "voltage",
         "lines with resistance are simulated for lines held at ground",
         "use adc.sense = current, or leave array.wires out");
}

}  // namespace

void ChipSpec::check() const {
  const auto made = cell.make();
  check_levels(*this, made->window());
  check_pairs(*this);
  check_offset(*this);
  check_drive(*this, *made);
  check_sense(*this, *made);
  check_wires(*this, *made);
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
