#include "crossbar/mvm.hpp"
#include "crossbar/reference.hpp"
#include "mapper/gather.hpp"
#include "mapper/layer.hpp"

namespace wordline::mapper {
namespace {

// One conversion column of a bank and what it is.
struct Seen {
  std::int64_t group = 0, lane = 0;
  Probe::Label label;
};

std::vector<Seen> columns_of(const Plan& plan, std::int64_t index) {
  const Read& read = plan.reads[static_cast<std::size_t>(index)];
  const BankShape shape = bank_shape(plan, read);
  const Probe::Label place{.read = index, .section = read.section, .row_tile = read.row_tile};
  std::vector<Seen> out;
  const auto add = [&](std::int64_t group, std::int64_t n, std::int64_t output, std::int64_t slice, std::int64_t sign) {
    Probe::Label label = place;
    label.output = output;
    label.slice = slice;
    label.polarity = sign;
    out.push_back({.group = group, .lane = n % crossbar::lanes, .label = label});
  };
  for (std::int64_t s = 0; s < shape.slices; ++s) {
    for (std::int64_t sign = 0; sign < shape.signs; ++sign)
      for (std::int64_t n = 0; n < shape.outputs; ++n)
        add(shape.group_of(s, sign, n), n, read.first_output + n, s, sign);
    for (std::int64_t a = 0; a < shape.references; ++a) add(shape.reference_group_of(s, a), a, -1, s, 0);
  }
  return out;
}

}  // namespace

Probe Layer::probe(const ProgrammedLayer& chip, const Samples& samples, const Unfold& unfold) const {
  const ScaledInputs inputs = scaled(chip, samples, unfold);
  const core::Stream noise = read_stream(chip);
  Probe out{.vectors = samples.count * unfold.windows, .conversions = std::ssize(plan_.code.conversions())};
  std::vector<std::vector<Seen>> columns;
  for (std::int64_t i = 0; i < std::ssize(plan_.reads); ++i) {
    columns.push_back(columns_of(plan_, i));
    for (const Seen& c : columns.back()) out.columns.push_back(c.label);
  }
  const auto size = static_cast<std::size_t>(out.vectors * out.conversions) * out.columns.size();
  out.quantity.assign(size, 0.0);
  if (plan_.chip.adc.bits) out.code.assign(size, 0.0);
  std::size_t first_column = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    auto block = gather(plan_, inputs, unfold, samples, plan_.reads[i], 0, out.vectors);
    crossbar::solve(chip.state.banks[i], block);
    for (std::int64_t v = 0; v < out.vectors; ++v)
      for (std::int64_t k = 0; k < out.conversions; ++k)
        for (std::size_t c = 0; c < columns[i].size(); ++c) {
          const Seen& seen = columns[i][c];
          const auto reading =
              crossbar::reference::conversion(chip.state.banks[i], block, noise, v, k, seen.group, seen.lane);
          const auto at = static_cast<std::size_t>(v * out.conversions + k) * out.columns.size() + first_column + c;
          out.quantity[at] = reading.quantity * physical_unit(plan_, static_cast<std::size_t>(seen.label.slice));
          if (!out.code.empty()) out.code[at] = reading.code;
        }
    first_column += columns[i].size();
  }
  return out;
}

}  // namespace wordline::mapper
