// What models keep to be fast changes nothing: values per target, and draws from program to age.
#include "tests/catch.hpp"
#include "tests/devices/cases.hpp"

namespace {

using namespace wordline;

constexpr double day = 86400.0;

// A cell without levels is asked for thousands of targets.
devices::CellArray continuous(const devices::Cell& cell, std::size_t n) {
  const devices::Window w = cell.window();
  auto out = cases::cells(n, w.G_min);
  for (std::size_t k = 0; k < n; ++k)
    out.target[k] += (w.G_max - w.G_min) * static_cast<double>(k) / static_cast<double>(n);
  return out;
}

std::vector<core::Value> drifting() {
  const core::Value table = {{"model", "table"},
                             {"state", {0.0, 0.0, 50e-6, 50e-6}},
                             {"time", {1.0, 1e6, 1.0, 1e6}},
                             {"mean", {1e-6, 2e-6, 50e-6, 45e-6}},
                             {"sigma", {1e-7, 1e-6, 2e-6, 3e-6}}};
  return {"neurram-2022", "cmo-hfox-2025", table};
}

}  // namespace

TEST_CASE("a cell among thousands of targets becomes what it becomes alone") {
  for (const core::Value& settings : drifting()) {
    INFO(core::show(settings));
    const auto cell = cases::make(settings);
    auto all = continuous(*cell, 3000);
    cell->program(all);
    for (std::size_t k = 0; k < all.size(); k += 7) {
      devices::CellArray alone;
      alone.chip = all.chip;
      alone.id = {all.id[k]};
      alone.target = {all.target[k]};
      cell->program(alone);
      CHECK(alone.G[0] == all.G[k]);
    }
  }
}

TEST_CASE("ages do not depend on what was kept from programming or on ages in between") {
  for (const core::Value& settings : drifting()) {
    INFO(core::show(settings));
    const auto cell = cases::make(settings);
    auto cells = continuous(*cell, 1000);
    cell->program(cells);
    auto forgetful = cells;
    forgetful.is_fresh = false;
    forgetful.xi.clear();
    CHECK(cases::aged(*cell, forgetful, {}).G == cells.G);
    const auto old = cases::aged(*cell, cells, {.seconds = 1000.0});
    CHECK(old.G != cells.G);
    CHECK(cases::aged(*cell, forgetful, {.seconds = 1000.0}).G == old.G);
    CHECK(cases::aged(*cell, old, {}).G == cells.G);
    CHECK(cases::aged(*cell, cases::aged(*cell, cells, {.seconds = 100.0}), {.seconds = 1000.0}).G == old.G);
  }
}

TEST_CASE("another programming draws anew, whatever was kept") {
  const auto cell = cases::make("neurram-2022");
  auto first = cases::programmed(*cell, 1000, 20e-6), second = first;
  second.write = 1;
  cell->program(second);
  CHECK(second.G != first.G);
  auto later = cases::cells(1000, 20e-6);
  later.write = 1;
  cell->program(later);
  CHECK(second.G == later.G);
  CHECK(cases::aged(*cell, second, {.seconds = day}).G == cases::aged(*cell, later, {.seconds = day}).G);
}
