#include "core/spec.hpp"

#include <cmath>
#include <limits>
#include <string>

#include "tests/core/specs.hpp"
#include "tests/core/support.hpp"

using namespace wordline;
using core::ErrorKind;
using core::Value;
using tests::Adc;
using tests::holds;
using tests::Machine;
using tests::refused;

namespace {

const double inf = std::numeric_limits<double>::infinity();

Machine machine(const Value& value) { return core::read<Machine>(value); }

core::Error refused_machine(ErrorKind kind, const Value& value) {
  INFO(value.dump());
  return refused(kind, [&] { machine(value); });
}

void check_accepted(const Value& value) {
  INFO(value.dump());
  CHECK_NOTHROW(machine(value));
}

}  // namespace

TEST_CASE("a spec without settings is its defaults, and the tree of them reads back to itself") {
  const Value tree = core::write(machine(Value::object()));
  CHECK(tree == core::write(Machine{}));
  CHECK(core::write(machine(tree)) == tree);
  CHECK(tree.at("adc") ==
        Value{{"bits", 8}, {"shape", "sar"}, {"spare", nullptr}, {"range", "calibrated"}, {"gain", 1.0}});
  CHECK(tree.at("other").is_null());
  CHECK(tree.at("points") == Value::array());
}

TEST_CASE("every kind of field reads what it writes") {
  const Value tree{
      {"adc", {{"bits", nullptr}, {"shape", "ramp"}, {"spare", "sar"}, {"range", {-1e-6, 2e-6}}, {"gain", 3.0}}},
      {"other", {{"bits", 4}, {"shape", "sar"}, {"spare", nullptr}, {"range", "full"}, {"gain", 0.5}}},
      {"model", "mine"},
      {"label", "b"},
      {"on", false},
      {"rows", 7},
      {"small", -3},
      {"level", 0.25},
      {"floor", -1e300},
      {"window", {-0.5, 0.5}},
      {"points", Value::array({{{"time", 2.0}}, {{"time", 0.0}}})},
      {"times", {0.1, 0.2}}};
  CHECK(core::write(machine(tree)) == tree);
}

TEST_CASE("numbers may be written as whole numbers and whole numbers as 128.0") {
  CHECK(machine({{"floor", 3}}).floor == 3.0);
  CHECK(machine({{"rows", 128.0}}).rows == 128);
}

TEST_CASE("an unknown name is refused with the known ones and where it stands") {
  const auto top = refused_machine(ErrorKind::value, {{"row", 3}});
  CHECK(top.complaint().name == "row");
  CHECK(holds(top.complaint().rule, "Machine"));
  CHECK(holds(top.complaint().allowed, "adc, other, model, label, on, rows,"));
  const auto nested = refused_machine(ErrorKind::value, {{"adc", {{"bit", 3}}}});
  CHECK(holds(nested.complaint().rule, "adc"));
  CHECK(nested.complaint().allowed == "bits, shape, spare, range, gain");
}

TEST_CASE("closed ends of a range are inside, their outer neighbours are not") {
  for (const int bits : {1, 16}) check_accepted({{"adc", {{"bits", bits}}}});
  for (const int bits : {0, 17}) {
    const auto c = refused_machine(ErrorKind::value, {{"adc", {{"bits", bits}}}}).complaint();
    CHECK(c.name == "adc.bits");
    CHECK(c.value == std::to_string(bits));
    CHECK(c.unit == "bit");
    CHECK(c.allowed == "[1, 16]");
  }
  check_accepted({{"level", 0.0}});
  refused_machine(ErrorKind::value, {{"level", -std::numeric_limits<double>::denorm_min()}});
}

TEST_CASE("open ends of a range are outside, their inner neighbours are not") {
  check_accepted({{"level", std::nextafter(1.0, 0.0)}});
  CHECK(refused_machine(ErrorKind::value, {{"level", 1.0}}).complaint().allowed == "[0, 1)");
  check_accepted({{"adc", {{"gain", std::numeric_limits<double>::denorm_min()}}}});
  CHECK(refused_machine(ErrorKind::value, {{"adc", {{"gain", 0.0}}}}).complaint().allowed == "(0, inf)");
  refused_machine(ErrorKind::value, {{"adc", {{"gain", -0.0}}}});
  check_accepted({{"rows", 1}});
  CHECK(refused_machine(ErrorKind::value, {{"rows", 0}}).complaint().allowed == "[1, inf)");
}

TEST_CASE("NaN and infinities are refused even where every number is allowed") {
  for (const double bad : {std::nan(""), inf, -inf}) {
    CHECK(refused_machine(ErrorKind::value, {{"floor", bad}}).complaint().allowed == "(-inf, inf)");
    refused_machine(ErrorKind::value, {{"window", {0.0, bad}}});
    refused_machine(ErrorKind::value, {{"times", {bad}}});
  }
  check_accepted({{"floor", std::numeric_limits<double>::max()}});
}

TEST_CASE("a wrong kind of value is a type error that names the field and what it takes") {
  const std::vector<std::pair<Value, std::string>> cases{{{{"floor", "warm"}}, "a number"},
                                                         {{{"floor", true}}, "a number"},
                                                         {{{"floor", nullptr}}, "a number"},
                                                         {{{"rows", "8"}}, "a whole number"},
                                                         {{{"rows", true}}, "a whole number"},
                                                         {{{"on", 1}}, "True or False"},
                                                         {{{"label", 5}}, "text"},
                                                         {{{"window", 1.0}}, "a pair [low, high]"},
                                                         {{{"window", {1.0}}}, "a pair [low, high]"},
                                                         {{{"times", 1.0}}, "a list"},
                                                         {{{"adc", 8}}, "ADC settings (a table)"}};
  for (const auto& [value, expected] : cases) {
    const auto error = refused_machine(ErrorKind::type, value);
    CHECK(error.complaint().name == value.begin().key());
    CHECK(error.complaint().allowed == expected);
  }
  refused(ErrorKind::type, [] { core::read<Machine>(3); });
}

TEST_CASE("whole numbers that would not stay what they are are refused") {
  for (const double bad : {1.5, 1e300, std::nan(""), inf, 0x1p53 + 2.0})
    refused_machine(ErrorKind::type, {{"rows", bad}});
  check_accepted({{"rows", 0x1p53}});
  check_accepted({{"rows", std::numeric_limits<std::int64_t>::max()}});
  // nlohmann keeps these as unsigned; read as int64 they would be negative.
  for (const std::uint64_t bad : {std::uint64_t{1} << 63U, ~std::uint64_t{0}}) {
    const auto error = refused_machine(ErrorKind::value, {{"rows", bad}});
    CHECK(error.complaint().name == "rows");
    CHECK(error.complaint().value == std::to_string(bad));
  }
}

TEST_CASE("fields narrower than 64 bits are not filled with what does not fit") {
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  CHECK(machine({{"small", most}}).small == most);
  CHECK(refused_machine(ErrorKind::value, {{"small", most + 1}}).complaint().name == "small");
  CHECK(machine({{"small", -most - 1}}).small == -most - 1);
  refused_machine(ErrorKind::value, {{"small", -most - 2}});
}

TEST_CASE("None is accepted by optional fields only") {
  CHECK_FALSE(machine({{"adc", {{"bits", nullptr}}}}).adc.bits.has_value());
  CHECK_FALSE(machine({{"other", nullptr}}).other.has_value());
  refused_machine(ErrorKind::type, {{"rows", nullptr}});
  refused_machine(ErrorKind::type, {{"adc", {{"shape", nullptr}}}});
}

TEST_CASE("words are refused with the list of known ones") {
  const auto word = refused_machine(ErrorKind::value, {{"adc", {{"shape", "flash"}}}});
  CHECK(word.complaint().name == "adc.shape");
  CHECK(word.complaint().value == "flash");
  CHECK(word.complaint().allowed == "ramp, sar");
  CHECK(refused_machine(ErrorKind::type, {{"adc", {{"shape", 1}}}}).complaint().allowed == "ramp, sar");
  CHECK(refused_machine(ErrorKind::value, {{"adc", {{"range", "auto"}}}}).complaint().allowed == "full, calibrated");
}

TEST_CASE("an interval has its low end below its high end") {
  check_accepted({{"window", {0.5, std::nextafter(0.5, 1.0)}}});
  CHECK(refused_machine(ErrorKind::value, {{"window", {0.5, 0.5}}}).complaint().name == "window");
  refused_machine(ErrorKind::value, {{"window", {0.6, 0.5}}});
  check_accepted({{"window", {-2.0, 2.0}}});
  refused_machine(ErrorKind::value, {{"window", {-2.5, 2.0}}});
  refused_machine(ErrorKind::value, {{"adc", {{"range", {1.0, 1.0}}}}});
}

TEST_CASE("messages name nested settings by their full path") {
  CHECK(refused_machine(ErrorKind::value, {{"other", {{"bits", 99}}}}).complaint().name == "other.bits");
  const Value points = Value::array({{{"time", 1.0}}, {{"time", -1.0}}});
  CHECK(refused_machine(ErrorKind::value, {{"points", points}}).complaint().name == "points[1].time");
  CHECK(refused_machine(ErrorKind::value, {{"times", {1.0, 0.0}}}).complaint().name == "times[1]");
  CHECK(refused_machine(ErrorKind::type, {{"model", 5}}).complaint().name == "model");
  const auto below = refused(ErrorKind::value, [] { core::read<Adc>({{"bits", 0}}, "chip.adc"); });
  CHECK(below.complaint().name == "chip.adc.bits");
}

TEST_CASE("rules across fields are checked once the fields are read") {
  check_accepted({{"other", {{"gain", 1.0}}}});
  const auto error = refused_machine(ErrorKind::value, {{"other", {{"gain", 1.5}}}});
  CHECK(error.complaint().name == "other.gain");
  check_accepted({{"other", {{"gain", 1.5}}}, {"adc", {{"gain", 2.0}}}});
}

TEST_CASE("the description of a spec holds all that docs and signatures need") {
  const core::SpecInfo info = core::describe<Adc>("a converter");
  CHECK(info.name == "ADC");
  CHECK(info.help == "a converter");
  REQUIRE(info.fields.size() == 5);
  const core::FieldInfo& bits = info.fields[0];
  CHECK(bits.name == "bits");
  CHECK(bits.type == "int");
  CHECK(bits.unit == "bit");
  CHECK(bits.help == "resolution");
  CHECK(bits.optional);
  CHECK(bits.default_value == 8);
  CHECK(*bits.range.high == 16.0);
  const std::vector<std::string> shapes{"ramp", "sar"}, rules{"full", "calibrated"};
  CHECK(info.fields[1].choices == shapes);
  CHECK(info.fields[2].choices == shapes);
  CHECK(info.fields[2].optional);
  CHECK(info.fields[3].choices == rules);
  CHECK(info.fields[4].range.low_open);
}

TEST_CASE("a description names nested specs and the type of every field") {
  const core::SpecInfo info = core::describe<Machine>();
  const std::vector<std::string> types{"ADC", "ADC",   "Model", "str",  "bool",          "int",
                                       "int", "float", "float", "pair", "list of Point", "list of float"};
  REQUIRE(info.fields.size() == types.size());
  const Value defaults = core::write(Machine{});
  for (std::size_t i = 0; i < types.size(); ++i) {
    CHECK(info.fields[i].type == types[i]);
    CHECK(info.fields[i].default_value == defaults.at(info.fields[i].name));
  }
  CHECK(info.fields[1].spec == "ADC");
  CHECK(info.fields[1].fields.size() == 5);
  CHECK(info.fields[2].spec == "Model");
  CHECK(info.fields[10].spec == "Point");
  CHECK(info.fields[10].fields.at(0).name == "time");
  CHECK(info.fields[11].spec.empty());
}
