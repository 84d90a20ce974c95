#include "cost/rated.hpp"

#include <array>

namespace wordline::cost {
namespace {

Rating operator+(const Rating& a, const Rating& b) { return {a.power + b.power, a.area + b.area}; }
Rating operator*(double n, const Rating& a) { return {n * a.power, n * a.area}; }

core::Value rating_value(const Rating& r) { return {{"power_w", r.power}, {"area_m2", r.area}}; }

std::string_view level_name(Level level) {
  constexpr std::array<std::string_view, 5> names{"array", "ima", "tile", "router", "chip"};
  return names.at(static_cast<std::size_t>(level));
}

}  // namespace

Rating RatedTable::rows_of(Level level) const {
  Rating total;
  for (const RatedRow& row : rows)
    if (row.level == level) total = total + Rating{row.power, row.area};
  return total;
}

Rating RatedTable::ima() const { return rows_of(Level::array) + rows_of(Level::ima); }

Rating RatedTable::tile_parts() const {
  return rows_of(Level::tile) + 1.0 / static_cast<double>(grouping.tiles_per_router) * rows_of(Level::router);
}

Rating RatedTable::tile() const { return tile_parts() + static_cast<double>(grouping.imas_per_tile) * ima(); }

Rating RatedTable::chip() const { return static_cast<double>(grouping.tiles_per_chip) * tile() + rows_of(Level::chip); }

core::Value RatedTable::to_value() const {
  core::Value out{{"ima", rating_value(ima())},
                  {"tile_parts", rating_value(tile_parts())},
                  {"tile", rating_value(tile())},
                  {"chip", rating_value(chip())},
                  {"rows", core::Value::array()}};
  for (const RatedRow& r : rows)
    out["rows"].push_back({{"level", level_name(r.level)},
                           {"component", r.component},
                           {"units", r.units},
                           {"power_w", r.power},
                           {"area_m2", r.area},
                           {"source", r.source},
                           {"basis", r.basis}});
  return out;
}

RatedTable rated_table(const Technology& technology) {
  RatedTable table{.rows = {}, .grouping = technology.spec.grouping};
  for (const Part& part : parts()) {
    const Component& c = technology.spec.*part.component;
    const auto& origin = technology.number(std::string(part.path) + ".power");
    table.rows.push_back({.level = part.level,
                          .component = std::string(part.name),
                          .units = static_cast<double>(c.units),
                          .power = c.power,
                          .area = c.area,
                          .source = origin.source,
                          .basis = origin.basis});
  }
  return table;
}

}  // namespace wordline::cost
