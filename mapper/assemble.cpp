#include "mapper/assemble.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "crossbar/transfer.hpp"
#include "mapper/lanes.hpp"
#include "mapper/solved_read.hpp"

namespace wordline::mapper {
namespace {

using crossbar::Bank;
using crossbar::Kernel;
using crossbar::lanes;

// Adds the cells of one array to the bank of one read.
class Adder {
 public:
  Adder(const Plan& plan, const Read& read, const devices::CellArray& cells, const Wired& wired, Bank& bank)
      : plan_(plan), layout_(plan.layout), read_(read), cells_(cells), wired_(wired), bank_(bank) {
    const OpenRows rows = open_rows(layout_, read);
    first_row_ = rows.first;
    last_row_ = rows.last;
  }

  void add(const std::vector<Lane>& columns) {
    const std::vector<double> scale = plan_.voltage() ? normalise(columns) : std::vector<double>(columns.size(), 1.0);
    for (std::int64_t l = 0; l < bank_.levels && !wired_.solver; ++l) add_level(columns, scale, l);
    if (bank_.cell_noise()) add_noise(columns, scale);
  }

 private:
  std::size_t at(std::int64_t row, std::int64_t col) const {
    return static_cast<std::size_t>(row * layout_.array_cols + col);
  }
  // Input of the bank that stands on a row, or -1 for open rows without one.
  std::int64_t input(std::int64_t row) const {
    const std::int64_t i = (row - first_row_) / layout_.rows_per_input();
    return i < read_.inputs ? i : -1;
  }
  double row_sign(std::int64_t row) const { return layout_.pair_rows && row % 2 == 1 ? -1.0 : 1.0; }
  const LevelUnit& unit(const Lane& lane) const { return plan_.units[static_cast<std::size_t>(lane.slice)]; }

  // Sum of the conductances that load a line, in levels.
  double load(const std::vector<double>& I, const Lane& lane) const {
    double sum = 0.0;
    for (std::int64_t row = first_row_; row < last_row_; ++row) sum += I[at(row, lane.col)];
    return sum / (plan_.chip.dac.v_read * unit(lane).dG);
  }

  // A floating line settles at sum G V / sum G. The digital side knows the sum of the targets and multiplies with it;
  // the line itself divides by what its cells really are.
  std::vector<double> normalise(const std::vector<Lane>& columns) {
    std::vector<double> actual(cells_.size()), nominal(cells_.size()), scale;
    plan_.cell->current(cells_.G, plan_.chip.dac.v_read, actual);
    plan_.cell->current(cells_.target, plan_.chip.dac.v_read, nominal);
    for (const Lane& lane : columns) {
      // A line without any conductance stays at 0 V.
      const double loaded = load(actual, lane);
      scale.push_back(loaded > 0.0 ? 1.0 / loaded : 0.0);
      const auto column = static_cast<std::size_t>(lane.at);
      bank_.baseline[column] *= static_cast<float>(scale.back());
      bank_.worth[column] *= load(nominal, lane);
    }
    return scale;
  }

  // A that every cell gives to its column while its row is driven with V.
  std::vector<double> currents(double V) const {
    std::vector<double> I(cells_.size());
    if (wired_.ideal())
      plan_.cell->current(cells_.G, V, I);
    else
      std::transform(wired_.G.begin(), wired_.G.end(), I.begin(), [V](double G) { return G * V; });
    return I;
  }

  // Adds what a row drives into the columns of the bank, row by row as the cells lie.
  struct Term {
    std::size_t col, reference;
    std::int64_t at;  // entry of the bank's row 0
    double unit, baseline, factor;
  };

  std::vector<Term> terms(const std::vector<Lane>& columns, const std::vector<double>& scale,
                          std::int64_t level) const {
    std::vector<Term> out;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const Lane& lane = columns[i];
      // Level units above the baseline, which cancels where currents are subtracted here.
      const bool subtracts = lane.reference >= 0;
      out.push_back({.col = static_cast<std::size_t>(lane.col),
                     .reference = static_cast<std::size_t>(subtracts ? lane.reference : lane.col),
                     .at = first_entry(lane, level),
                     .unit = unit(lane).current,
                     .baseline = subtracts ? 0.0 : static_cast<double>(level + 1) * unit(lane).baseline,
                     .factor = lane.sign * scale[i]});
    }
    return out;
  }
  std::int64_t first_entry(const Lane& lane, std::int64_t level) const {
    return bank_.entry(lane.at / lanes, level, 0) + lane.at % lanes;
  }

  void add_level(const std::vector<Lane>& columns, const std::vector<double>& scale, std::int64_t level) {
    const Applied applied = plan_.applied(level + 1);
    const std::vector<double> I = currents(applied.V);
    const std::vector<Term> all = terms(columns, scale, level);
    for (std::int64_t row = first_row_; row < last_row_; ++row)
      if (const std::int64_t k = input(row); k >= 0)
        add_row(all, I.data() + at(row, 0), applied.duty, row_sign(row), bank_.current.data() + k * lanes);
  }

  static void add_row(const std::vector<Term>& terms, const double* I, double duty, double sign, float* entries) {
    for (const Term& t : terms) {
      const double current = t.reference == t.col ? I[t.col] : I[t.col] - I[t.reference];
      entries[t.at] += static_cast<float>(sign * t.factor * (current * duty / t.unit - t.baseline));
    }
  }

  // One column of cells whose noise reaches a column of the bank.
  struct Source {
    std::size_t col;
    std::int64_t lane, at;  // column of the bank; its entry of row 0
    double per_square;      // level units squared per A^2
  };

  std::vector<Source> sources(const std::vector<Lane>& columns, const std::vector<double>& scale) const {
    std::vector<Source> out;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const Lane& lane = columns[i];
      const double per_square = scale[i] * scale[i] / (unit(lane).current * unit(lane).current);
      for (const std::int64_t col : {lane.col, lane.reference})
        if (col >= 0)
          out.push_back({.col = static_cast<std::size_t>(col),
                         .lane = lane.at,
                         .at = first_entry(lane, 0),
                         .per_square = per_square});
    }
    return out;
  }

  void add_noise(const std::vector<Lane>& columns, const std::vector<double>& scale) {
    const devices::ReadNoise noise = plan_.cell->read_noise(cells_, read_conditions(plan_.chip));
    const std::vector<Source> all = sources(columns, scale);
    // An access device that its input closes cuts the cell off, noise and all.
    const bool gated = !wired_.ideal() && plan_.chip.array.topology == crossbar::Topology::gated;
    std::vector<double> idle(static_cast<std::size_t>(layout_.array_cols), 0.0);
    for (std::int64_t row = first_row_; row < last_row_; ++row) {
      if (!gated) add_idle(noise, row, idle);
      if (const std::int64_t k = input(row); k >= 0)
        for (std::int64_t l = 0; l < bank_.levels; ++l) add_driven(noise, row, k, l, gated, all);
    }
    for (const Source& s : all)
      bank_.idle[static_cast<std::size_t>(s.lane)] += static_cast<float>(idle[s.col] * s.per_square);
  }

  // Part of a cell's noise power that reaches its column.
  double reach(std::size_t cell) const { return wired_.ideal() ? 1.0 : wired_.noise[cell] * wired_.noise[cell]; }

  void add_idle(const devices::ReadNoise& noise, std::int64_t row, std::vector<double>& sum) const {
    const double* a0 = noise.a0.data() + at(row, 0);
    if (wired_.ideal())
      for (std::size_t col = 0; col < sum.size(); ++col) sum[col] += a0[col];
    else
      for (std::size_t col = 0; col < sum.size(); ++col) sum[col] += a0[col] * reach(at(row, 0) + col);
  }

  // Over a pulse shorter than t_read white noise averages to var x duty, quasi-static noise to var x duty^2.
  void add_driven(const devices::ReadNoise& noise, std::int64_t row, std::int64_t k, std::int64_t level, bool gated,
                  const std::vector<Source>& all) {
    const Applied a = plan_.applied(level + 1);
    const double V = a.V * a.duty, idle = gated ? 1.0 : 0.0;
    const bool linear = bank_.kernel == Kernel::linear;
    const std::int64_t offset = bank_.entry(0, level, k);
    for (const Source& s : all) {
      const std::size_t cell = at(row, 0) + s.col;
      const double here = s.per_square * reach(cell), quasi_static = noise.a2[cell] * V * V * here;
      const double rest = (idle * noise.a0[cell] + noise.a1[cell] * V) * here;
      bank_.slope[static_cast<std::size_t>(s.at + offset)] += static_cast<float>(rest + (linear ? 0.0 : quasi_static));
      if (linear) bank_.square[static_cast<std::size_t>(s.at + offset)] += static_cast<float>(quasi_static);
    }
  }

  const Plan& plan_;
  const Layout& layout_;
  const Read& read_;
  const devices::CellArray& cells_;
  const Wired& wired_;
  Bank& bank_;
  std::int64_t first_row_ = 0, last_row_ = 0;
};

}  // namespace

void add_array(const Plan& plan, const Read& read, const ArrayPlace& place, const devices::CellArray& cells,
               const Wired& wired, Bank& bank) {
  const std::vector<Lane> columns = lanes_of(plan, read, place);
  if (wired.solver) static_cast<SolvedRead&>(*bank.solved).set(plan, read, place, wired.solver);
  if (!columns.empty()) Adder(plan, read, cells, wired, bank).add(columns);
}

namespace {

// In four parts, so that additions need not wait for each other.
double sum(std::span<const double> values) {
  std::array<double, 4> parts{};
  for (std::size_t i = 0; i < values.size(); ++i) parts[i % 4] += values[i];
  return parts[0] + parts[1] + (parts[2] + parts[3]);
}

}  // namespace

std::vector<double> row_power(const Plan& plan, const ArrayPlace& place, const devices::CellArray& cells) {
  const Layout& l = plan.layout;
  const std::int64_t levels = plan.kernel == Kernel::levels ? plan.code.largest_digit() : 1;
  const std::int64_t inputs = l.tile_inputs(place.section, place.row_tile);
  const auto each = static_cast<std::size_t>(l.rows_per_input() * l.array_cols);
  std::vector<double> out, I(cells.size());
  for (std::int64_t level = 0; level < levels; ++level) {
    const Applied applied = plan.applied(level + 1);
    plan.cell->current(cells.G, applied.V, I);
    for (std::size_t input = 0; input < static_cast<std::size_t>(inputs); ++input)
      out.push_back(applied.V * applied.duty * sum(std::span(I).subspan(input * each, each)));
  }
  return out;
}

void draw_converters(const Plan& plan, const ChipIdentity& identity, const Read& read, const ArrayPlace& place,
                     Bank& bank) {
  const auto& adc = plan.chip.adc;
  const bool tables = crossbar::has_transfer(adc);
  if (adc.offset == 0.0 && adc.gain == 0.0 && !tables) return;
  const core::Stream stream({.seed = identity.seed,
                             .chip = identity.chip,
                             .layer = plan.index,
                             .tile = static_cast<std::uint32_t>(place.tile),
                             .purpose = "adc"});
  std::vector<std::int32_t> made(static_cast<std::size_t>(plan.layout.converters_per_array()), -1);
  for (const Lane& lane : lanes_of(plan, read, place)) {
    if (lane.sign < 0.0) continue;  // a pair is converted by its first column's converter
    const auto converter = static_cast<std::uint32_t>(lane.col / adc.columns_per_adc);
    const auto array = static_cast<std::uint32_t>(place.column);
    const auto z = stream.normals({array, converter, 0, 0});
    const auto at = static_cast<std::size_t>(lane.at);
    bank.offset[at] = static_cast<float>(adc.offset * z[0]);
    bank.gain[at] = static_cast<float>(adc.gain * z[1]);
    if (!tables) continue;
    if (made[converter] < 0) {
      made[converter] = static_cast<std::int32_t>(bank.transfers.size());
      const auto g = static_cast<std::size_t>(lane.at / lanes);
      bank.transfers.push_back(crossbar::make_transfer(
          adc, static_cast<double>(bank.low[g]), static_cast<double>(bank.high[g]),
          [&](std::uint32_t draw) { return stream.normals({array, converter, draw / 4, 1})[draw % 4]; }));
    }
    bank.transfer.resize(static_cast<std::size_t>(bank.groups * lanes), 0);
    bank.transfer[at] = made[converter];
  }
}

}  // namespace wordline::mapper
