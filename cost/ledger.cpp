#include "cost/ledger.hpp"

#include <algorithm>
#include <cmath>

namespace wordline::cost {
namespace {

using core::Value;

template <class Items, class Member>
double sum(const Items& items, Member member) {
  double total = 0.0;
  for (const auto& item : items) total += item.*member;
  return total;
}

std::vector<Share> group(const std::vector<Line>& lines, std::string Line::* key) {
  std::vector<Share> shares;
  for (const Line& l : lines) {
    auto it = std::find_if(shares.begin(), shares.end(), [&](const Share& s) { return s.name == l.*key; });
    if (it == shares.end()) it = shares.insert(it, Share{.name = l.*key});
    it->energy += l.energy;
    it->area += l.area;
    it->rated_power += l.rated_power;
  }
  return shares;
}

Value ratio(double a, double b) { return b > 0.0 ? Value(a / b) : Value(nullptr); }

Value line_value(const Line& l) {
  return {{"layer", l.layer},
          {"component", l.component},
          {"action", l.action},
          {"count", l.count},
          {"unit_energy_j", l.unit_energy},
          {"energy_j", l.energy},
          {"standard_error_j", l.standard_error},
          {"instances", l.instances},
          {"unit_area_m2", l.unit_area},
          {"area_m2", l.area},
          {"unit_power_w", l.unit_power},
          {"rated_power_w", l.rated_power},
          {"formula", l.formula},
          {"source", l.source},
          {"basis", l.basis},
          {"node_scaling", l.node_scaling}};
}

Value layer_value(const LayerSummary& s, const Share& share) {
  return {{"layer", s.layer},
          {"energy_j", share.energy},
          {"area_m2", share.area},
          {"rated_power_w", share.rated_power},
          {"latency_s", s.latency},
          {"bound", s.bound},
          {"windows", s.windows},
          {"cycles", s.cycles},
          {"cycle_time_s", s.cycle_time},
          {"arrays", s.arrays},
          {"cells_used", s.cells_used},
          {"cells", s.cells},
          {"utilisation", ratio(s.cells_used, s.cells)},
          {"macs", s.macs},
          {"operations", 2.0 * s.macs}};
}

Value layers_value(const Ledger& ledger) {
  const auto shares = ledger.by_layer();
  Value out = Value::array();
  for (const auto& s : ledger.layers) {
    const auto it = std::find_if(shares.begin(), shares.end(), [&](const Share& x) { return x.name == s.layer; });
    out.push_back(layer_value(s, it == shares.end() ? Share{} : *it));
  }
  return out;
}

Value shares_value(const std::vector<Share>& shares, double Share::* member) {
  Value out = Value::object();
  for (const auto& s : shares) out[s.name] = s.*member;
  return out;
}

}  // namespace

double Ledger::energy() const { return sum(lines, &Line::energy); }
double Ledger::area() const { return sum(lines, &Line::area); }
double Ledger::rated_power() const { return sum(lines, &Line::rated_power); }
double Ledger::latency() const { return sum(layers, &LayerSummary::latency); }
double Ledger::macs() const { return sum(layers, &LayerSummary::macs); }
double Ledger::operations() const { return 2.0 * macs(); }

double Ledger::standard_error() const {
  double variance = 0.0;
  for (const Line& l : lines) variance += l.standard_error * l.standard_error;
  return std::sqrt(variance);
}

double Ledger::leakage_power() const {
  double power = 0.0;
  for (const Line& l : lines)
    if (l.component == leakage_component) power += l.unit_energy;
  return power;
}

double Ledger::pipelined_period() const {
  double slowest = 0.0;
  for (const auto& s : layers) slowest = std::max(slowest, s.latency);
  return slowest;
}

double Ledger::utilisation() const {
  const double cells = sum(layers, &LayerSummary::cells);
  return cells > 0.0 ? sum(layers, &LayerSummary::cells_used) / cells : 0.0;
}

std::vector<Share> Ledger::by_component() const { return group(lines, &Line::component); }
std::vector<Share> Ledger::by_layer() const { return group(lines, &Line::layer); }

Value Ledger::to_value() const {
  const auto components = by_component();
  Value out{
      {"technology", technology},
      {"technology_source", technology_source},
      {"activity_of", activity_of == ActivityOf::run ? "run" : "calibration (estimate)"},
      {"views", {{"energy_j", "measured activity"}, {"rated_power_w", "published power, all instances at full load"}}},
      {"energy_j", energy()},
      {"energy_standard_error_j", standard_error()},
      {"area_m2", area()},
      {"latency_s", latency()},
      {"pipelined_period_s", pipelined_period()},
      {"throughput_per_s", ratio(1.0, pipelined_period())},
      {"rated_power_w", rated_power()},
      {"leakage_power_w", leakage_power()},
      {"utilisation", utilisation()},
      {"macs", macs()},
      {"operations", operations()},
      {"operations_per_j", ratio(operations(), energy())},
      {"energy_by_component_j", shares_value(components, &Share::energy)},
      {"area_by_component_m2", shares_value(components, &Share::area)},
      {"rated_power_by_component_w", shares_value(components, &Share::rated_power)},
      {"layers", layers_value(*this)},
      {"lines", Value::array()}};
  for (const Line& l : lines) out["lines"].push_back(line_value(l));
  return out;
}

}  // namespace wordline::cost
