#include <algorithm>
#include <limits>
#include <utility>

#include "devices/registry.hpp"
#include "tests/catch.hpp"
#include "tests/devices/cases.hpp"

namespace {

using namespace wordline;
using Catch::Matchers::ContainsSubstring;
using core::FieldInfo;
using core::Value;

bool numeric(const FieldInfo& f) { return f.type.ends_with("float") || f.type.ends_with("int"); }

// Pure numbers have no unit, so their help says what they are.
bool says_what_it_is(const FieldInfo& f) {
  if (!f.unit.empty()) return true;
  for (const char* word : {"ratio", "probability", "relative", "exponent", "pure number"})
    if (f.help.find(word) != std::string::npos) return true;
  return false;
}

void check_documented(const std::string& where, const std::vector<FieldInfo>& fields) {
  for (const auto& f : fields) {
    INFO(where << "." << f.name);
    CHECK_FALSE(f.help.empty());
    if (numeric(f)) CHECK(says_what_it_is(f));
    check_documented(where + "." + f.name, f.fields);
  }
}

// Settings in which one number, perhaps inside a nested spec, is given.
Value wrapped(const std::vector<FieldInfo>& way, const Value& number) {
  Value value = number;
  for (auto f = way.rbegin(); f != way.rend(); ++f) {
    if (f->type.starts_with("list")) value = Value::array({value});
    Value table = Value::object();
    table[f->name] = value;
    value = table;
  }
  return value;
}

void check_pair(const devices::CellModel& model, const std::vector<FieldInfo>& way, double inside, double outside) {
  INFO(model.name << "." << way.back().name << " inside " << inside << " outside " << outside);
  const auto rule = [&](double x) {
    const bool whole = way.back().type.ends_with("int");
    const Value number = whole ? Value(static_cast<std::int64_t>(x)) : Value(x);
    return cases::broken_rule([&] { model.canonical(wrapped(way, number), "cell"); });
  };
  CHECK(rule(outside) == "out of range");
  CHECK(rule(inside) != "out of range");
}

double step(const FieldInfo& f, double x, double direction) {
  if (f.type.ends_with("int")) return x + direction;
  return std::nextafter(x, direction * std::numeric_limits<double>::infinity());
}

void check_edges(const devices::CellModel& model, std::vector<FieldInfo> way, const std::vector<FieldInfo>& fields) {
  for (const auto& f : fields) {
    way.push_back(f);
    check_edges(model, way, f.fields);
    const core::Range& r = f.range;
    if (r.low)
      check_pair(model, way, r.low_open ? step(f, *r.low, 1) : *r.low, r.low_open ? *r.low : step(f, *r.low, -1));
    if (r.high)
      check_pair(model, way, r.high_open ? step(f, *r.high, -1) : *r.high, r.high_open ? *r.high : step(f, *r.high, 1));
    way.pop_back();
  }
}

// Cells whose targets alternate between the ends of the window, and for continuous cells also its middle.
devices::CellArray mixed(const devices::Cell& cell, std::size_t n) {
  const devices::Window w = cell.window();
  auto cells = cases::cells(n, w.G_min);
  for (std::size_t k = 0; k < n; ++k)
    if (k % 3 != 0) cells.target[k] = k % 3 == 1 || w.levels == 2 ? w.G_max : 0.5 * (w.G_min + w.G_max);
  return cells;
}

// Every model as it comes, and with all errors it knows switched on.
std::vector<Value> examples() {
  std::vector<Value> out{"neurram-2022", "cmo-hfox-2025", "milo-2021", "ikeda-2010"};
  for (const auto& m : devices::models()) out.push_back({{"model", m.name}});
  out.push_back({{"model", "gaussian"}, {"d2d", 0.3}, {"c2c", 0.4}, {"read_noise", 0.1}, {"stuck_lrs", 0.1}});
  out.push_back({{"model", "sttmram"}, {"write_error", 0.2}, {"sigma_tmr", 0.1}, {"v_half", 0.4}, {"stuck_hrs", 0.2}});
  return out;
}

}  // namespace

TEST_CASE("every model documents every parameter") {
  CHECK(devices::models().size() >= 4);
  for (const auto& model : devices::models()) {
    const core::SpecInfo info = model.describe();
    CHECK(info.name == model.python_name);
    CHECK_FALSE(info.help.empty());
    check_documented(std::string(model.name), info.fields);
  }
}

TEST_CASE("every model refuses numbers just outside their range and accepts them just inside") {
  for (const auto& model : devices::models()) check_edges(model, {}, model.describe().fields);
}

TEST_CASE("every model refuses unknown names and lists the known ones") {
  for (const auto& model : devices::models()) {
    const auto text = cases::message([&] { model.canonical({{"g_mx", 1.0}}, "cell"); });
    CHECK_THAT(text, ContainsSubstring("g_mx"));
    CHECK_THAT(text, ContainsSubstring(model.describe().fields.front().name));
  }
}

TEST_CASE("canonical settings are complete and stay what they are") {
  for (const auto& model : devices::models()) {
    const Value filled = model.canonical(Value::object(), "cell");
    CHECK(filled.size() == model.describe().fields.size());
    CHECK(model.canonical(filled, "cell") == filled);
  }
}

TEST_CASE("cells draw by id: neither order nor company matters") {
  for (const Value& example : examples()) {
    INFO(core::show(example));
    const auto cell = cases::make(example);
    auto all = mixed(*cell, 300);
    cell->fabricate(all);
    cell->program(all);

    auto part = all;
    part.id.clear(), part.target.clear();
    for (std::size_t k = all.size(); k-- > 0;)
      if (k % 7 == 0) part.id.push_back(k), part.target.push_back(all.target[k]);
    cell->fabricate(part);
    cell->program(part);
    for (std::size_t i = 0; i < part.size(); ++i) CHECK(part.G[i] == all.G[part.id[i]]);
  }
}

TEST_CASE("the same chip is programmed the same way twice, another seed another way") {
  for (const Value& example : examples()) {
    INFO(core::show(example));
    const auto cell = cases::make(example);
    auto once = mixed(*cell, 300);
    cell->fabricate(once);
    cell->program(once);
    auto twice = once;
    cell->fabricate(twice);
    cell->program(twice);
    CHECK(once.G == twice.G);
    CHECK(once.stuck == twice.stuck);

    auto moved = once;
    moved.chip.tile = 9;  // cells draw by their weight, not by where it was placed
    cell->program(moved);
    CHECK(moved.G == once.G);
  }
  const auto cell = cases::make("neurram-2022");
  CHECK(cases::programmed(*cell, 50, 20e-6, 1).G != cases::programmed(*cell, 50, 20e-6, 2).G);
}

TEST_CASE("conductances and variances are never negative") {
  for (const Value& example : examples()) {
    INFO(core::show(example));
    const auto cell = cases::make(example);
    auto cells = mixed(*cell, 3000);
    cell->fabricate(cells);
    cell->program(cells);
    const auto noise = cell->read_noise(cells, {});
    double least = 1.0;
    for (const std::vector<double>* list : {&std::as_const(cells.G), &noise.a0, &noise.a1, &noise.a2}) {
      CHECK(list->size() == cells.size());
      least = std::min(least, *std::min_element(list->begin(), list->end()));
    }
    CHECK(least >= 0.0);
    if (!cell->has_read_noise()) CHECK(noise.a2 == std::vector<double>(cells.size(), 0.0));
  }
}

TEST_CASE("targets outside the window are refused, its ends accepted") {
  for (const Value& example : examples()) {
    INFO(core::show(example));
    const auto cell = cases::make(example);
    const devices::Window w = cell->window();
    for (const double G : {w.G_min, w.G_max}) {
      auto cells = cases::cells(1, G);
      CHECK_NOTHROW(cell->program(cells));
    }
    for (const double G : {w.G_min - 1e-6 * w.G_max, w.G_max * (1.0 + 1e-6)}) {
      auto cells = cases::cells(1, G);
      CHECK_THROWS_AS(cell->program(cells), core::Error);
    }
  }
}

TEST_CASE("a cell setting is a preset's name, a file or a table with a model") {
  CHECK(cases::spec("neurram-2022").model == "reram");
  CHECK(cases::spec({{"model", "ideal"}, {"g_max", 50e-6}}).make()->window().G_max == 50e-6);

  const auto written = cases::spec("cmo-hfox-2025").to_value();
  CHECK(cases::spec(written).to_value() == written);
  CHECK(devices::CellSpec{}.to_value().at("model") == "ideal");

  CHECK_THAT(cases::message([] { cases::spec("neuram"); }), ContainsSubstring("milo-2021"));
  CHECK_THAT(cases::message([] { cases::spec({{"model", "pcm"}}); }), ContainsSubstring("gaussian"));
  CHECK_THAT(cases::message([] { cases::spec({{"g_max", 1e-6}}); }), ContainsSubstring("cell.model"));
  CHECK_THAT(cases::message([] { cases::spec(3.0); }), ContainsSubstring("preset name"));
  CHECK_THAT(cases::message([] { cases::spec({{"model", "ideal"}, {"g_max", -1.0}}); }),
             ContainsSubstring("cell.g_max"));
}

TEST_CASE("a model added at run time is found by name, once, and is not among those compiled in") {
  const std::size_t compiled = devices::models().size();
  devices::CellModel own = devices::model("ideal");
  own.name = "own";
  devices::add_model(own);
  CHECK(cases::make({{"model", "own"}, {"g_max", 3e-6}})->window().G_max == 3e-6);
  CHECK(cases::spec({{"model", "own"}}).to_value().at("model") == "own");
  CHECK(devices::models().size() == compiled);
  CHECK_THAT(cases::message([] { cases::make({{"model", "pcm"}}); }), ContainsSubstring("own"));
  CHECK_THROWS_AS(devices::add_model(own), core::Error);
  CHECK_THROWS_AS(devices::add_model(devices::model("ideal")), core::Error);
}
