#include "cost/price.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "cost/parts.hpp"

namespace wordline::cost {
namespace {

/// What all layers share, in physical units.
struct Started {
  double imas = 0.0, tiles = 0.0, routers = 0.0, chips = 0.0;
};

double real(std::int64_t n) { return static_cast<double>(n); }

std::string weakest(const std::string& a, const std::string& b) {
  constexpr std::array<std::string_view, 4> order{"published", "measured", "fit", "assumed"};
  const auto rank = [&](const std::string& word) { return std::find(order.begin(), order.end(), word); };
  return rank(a) < rank(b) ? b : a;
}

std::string join(const std::string& a, const std::string& b, const char* between = "; ") {
  return a.empty() || b.empty() ? a + b : a + between + b;
}

const Component& component(const Technology& t, const Part& part) { return t.spec.*part.component; }

Line line(const Technology& t, const Part& part, std::string layer) {
  const auto& origin = t.number(std::string(part.path) + ".power");
  return {.layer = std::move(layer),
          .component = std::string(part.name),
          .action = std::string(part.action),
          .formula = "",
          .source = origin.source,
          .basis = origin.basis};
}

// Energy per action = power / units / rate, with the texts that say so.
void charge(Line& l, const Technology& t, const Part& part, const LayerUse& use, const Scale& scale) {
  const Component& c = component(t, part);
  const auto& rate = t.number(std::string(part.path) + ".rate");
  l.count = part.count(use.activity) / real(use.activity.samples);
  l.unit_energy = c.unit_energy() * scale.energy;
  l.energy = l.count * l.unit_energy;
  l.formula = core::number(c.power) + " W / " + std::to_string(c.units) + " / " + core::number(*c.rate) + " per s";
  l.source = join(l.source, rate.source);
  l.basis = weakest(l.basis, rate.basis);
}

// The cells' energy was measured (V^2 G t); their rated power stays out of it.
void charge_cells(Line& l, const LayerUse& use) {
  const double samples = real(use.activity.samples);
  l.count = real(use.activity.array_reads) / samples;
  l.energy = use.activity.array_energy / samples;
  l.standard_error = use.array_energy_error / samples;
  l.unit_energy = l.count > 0.0 ? l.energy / l.count : 0.0;
  l.formula = "sum of V^2 G t over cells and reads; per action: the mean";
  l.source = "activity of the arrays; area: " + l.source;
}

void install(Line& l, const Component& c, double instances, const Scale& scale) {
  l.instances = scale.absent ? 0.0 : instances;
  l.unit_area = c.unit_area() * scale.area;
  l.area = l.instances * l.unit_area;
  l.unit_power = c.unit_power() * scale.power;
  l.rated_power = l.instances * l.unit_power;
}

Line own_line(const Technology& t, const Part& part, const LayerUse& use) {
  const Scale scale = part.scale ? part.scale(t, use) : Scale{};
  Line l = line(t, part, use.name);
  if (part.count)
    charge(l, t, part, use, scale);
  else
    charge_cells(l, use);
  install(l, component(t, part), part.instances(use, t.spec), scale);
  l.formula = scale.absent ? scale.text : join(l.formula, scale.text, "; ");
  l.source = join(l.source, scale.source);
  if (!scale.text.empty()) l.basis = weakest(l.basis, scale.basis);
  return l;
}

bool is_shared(const Part& part) { return part.level != Level::array && part.level != Level::ima; }

// Actions of shared parts are charged to the layer that caused them; the hardware itself is on a shared line.
void add_layer(Ledger& ledger, const Technology& t, const LayerUse& use) {
  for (const Part& part : parts()) {
    if (!is_shared(part)) {
      ledger.lines.push_back(own_line(t, part, use));
    } else if (part.count) {
      Line l = line(t, part, use.name);
      charge(l, t, part, use, {});
      l.formula += "; the hardware is on a line of " + std::string(shared_layer);
      ledger.lines.push_back(std::move(l));
    }
  }
}

Started started(const Technology& t, const std::vector<LayerUse>& uses) {
  const Grouping& g = t.spec.grouping;
  Started s;
  for (const LayerUse& use : uses) s.imas += std::ceil(real(use.arrays) / real(g.arrays_per_ima));
  s.tiles = std::ceil(s.imas / real(g.imas_per_tile));
  s.routers = std::ceil(s.tiles / real(g.tiles_per_router));
  s.chips = std::ceil(s.tiles / real(g.tiles_per_chip));
  return s;
}

double shared_groups(Level level, const Started& s) {
  if (level == Level::tile) return s.tiles;
  if (level == Level::router) return s.routers;
  return s.chips > 1.0 ? s.chips : 0.0;  // links join chips; a single chip needs none
}

std::string shared_reason(const Part& part, const Started& s) {
  if (part.count) return "hardware of every started group; its actions are on the lines of the layers";
  if (part.level == Level::chip)
    return s.chips > 1.0 ? "traffic between chips is not counted: area and rated power only" : "one chip: no links";
  if (part.path == "activation" || part.path == "pooling")
    return "digital operators are not priced in this version: area and rated power only";
  return "no action is counted: area and rated power only";
}

void add_shared(Ledger& ledger, const Technology& t, const Started& s) {
  for (const Part& part : parts()) {
    if (!is_shared(part)) continue;
    const Component& c = component(t, part);
    Line l = line(t, part, std::string(shared_layer));
    l.action = "";
    install(l, c, shared_groups(part.level, s) * real(c.units), {});
    l.formula = shared_reason(part, s);
    ledger.lines.push_back(std::move(l));
  }
}

void add_digital(Ledger& ledger) {
  ledger.lines.push_back({.layer = std::string(shared_layer),
                          .component = "digital operators",
                          .action = "",
                          .formula = "digital operators are not priced in this version",
                          .source = "none",
                          .basis = "assumed"});
}

double instances_of(const Ledger& ledger, std::string_view component) {
  double n = 0.0;
  for (const Line& l : ledger.lines)
    if (l.component == component) n += l.instances;
  return n;
}

Line leakage_line(const Ledger& ledger, std::string what, double power) {
  Line l{.layer = std::string(shared_layer),
         .component = std::string(leakage_component),
         .action = std::move(what),
         .count = ledger.latency(),
         .unit_energy = power};
  l.energy = l.count * l.unit_energy;
  return l;
}

// One line per part whose leakage is stated, and one that names the parts for which it is not.
void add_leakage(Ledger& ledger, const Technology& t) {
  std::string silent;
  for (const Part& part : parts()) {
    const auto& leakage = component(t, part).leakage;
    if (!leakage) {
      silent = join(silent, std::string(part.name), ", ");
      continue;
    }
    Line l = leakage_line(ledger, std::string(part.name), *leakage * instances_of(ledger, part.name));
    const auto& origin = t.number(std::string(part.path) + ".leakage");
    l.formula = core::number(*leakage) + " W x instances x latency of one sample";
    l.source = origin.source;
    l.basis = origin.basis;
    ledger.lines.push_back(std::move(l));
  }
  if (silent.empty()) return;
  Line none = leakage_line(ledger, "not stated", 0.0);
  none.formula = "0: " + t.name + " states no leakage for " + silent;
  none.source = t.source;
  none.basis = "assumed";
  ledger.lines.push_back(std::move(none));
}

LayerSummary summary(const Technology& t, const LayerUse& use) {
  const double conversion = use.adc_bits == 0 ? 0.0 : use.conversions_per_converter / t.spec.adc.rate.value();
  LayerSummary s{.layer = use.name,
                 .arrays = use.arrays,
                 .cells_used = real(use.cells_used),
                 .cells = use.cells(),
                 .macs = real(use.activity.macs) / real(use.activity.samples),
                 .windows = use.windows_per_sample,
                 .cycles = real(use.cycles_per_window),
                 .cycle_time = std::max(use.t_read, conversion),
                 .bound = conversion > use.t_read ? "conversion" : "array read"};
  s.latency = s.windows * s.cycles * s.cycle_time;
  return s;
}

void check_names(const std::vector<LayerUse>& uses) {
  core::require(!uses.empty(), core::ErrorKind::value,
                {.rule = "a cost needs at least one layer",
                 .name = "layers",
                 .value = "0",
                 .unit = "layer",
                 .allowed = "[1, inf)",
                 .remedy = "map at least one layer to arrays"});
  std::set<std::string> seen{std::string(shared_layer)};
  for (const LayerUse& use : uses)
    core::require(seen.insert(use.name).second, core::ErrorKind::value,
                  {.rule = "the names of layers differ from each other",
                   .name = "layer",
                   .value = use.name,
                   .unit = "",
                   .allowed = "",
                   .remedy = "give each layer its own name"});
}

}  // namespace

Ledger price(const Technology& technology, const std::vector<LayerUse>& uses, ActivityOf activity_of) {
  check_names(uses);
  for (const LayerUse& use : uses) check(use);
  Ledger ledger{.technology = technology.name,
                .technology_source = technology.source,
                .activity_of = activity_of,
                .lines = {},
                .layers = {}};
  for (const LayerUse& use : uses) add_layer(ledger, technology, use);
  for (const LayerUse& use : uses) ledger.layers.push_back(summary(technology, use));
  add_shared(ledger, technology, started(technology, uses));
  add_digital(ledger);
  add_leakage(ledger, technology);
  return ledger;
}

}  // namespace wordline::cost
