#include "cost/technology.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "cost/parts.hpp"
#include "tests/catch.hpp"
#include "tests/cost/cases.hpp"

namespace {

using namespace wordline;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("every number of every shipped technology has a unit, a source and a basis", "[cost]") {
  REQUIRE_FALSE(cost::presets::files().empty());
  for (const auto& preset : core::all_presets(cost::presets::files())) {
    CAPTURE(preset.name);
    CHECK(preset.kind == "technology");
    CHECK_FALSE(preset.source.empty());
    CHECK_FALSE(preset.numbers.empty());
    for (const auto& n : preset.numbers) {
      CAPTURE(n.path);
      CHECK_FALSE(n.unit.empty());
      CHECK(n.source.size() > 5);
      CHECK_FALSE(n.basis.empty());
    }
    CHECK_NOTHROW(cost::technology(preset));
  }
}

TEST_CASE("energy per action is the table's power over units and rate", "[cost]") {
  const auto& s = cases::isaac().spec;
  CHECK(s.adc.unit_energy() == Approx(2e-3 / 1.2e9));                  // 1.667 pJ
  CHECK(s.driver.unit_energy() == Approx(0.41667e-12).epsilon(1e-4));  // hwcomponents-library, isaac.py, from here on
  CHECK(s.shift_add.unit_energy() == Approx(0.021e-12).epsilon(0.01));
  CHECK(256 * s.buffer.unit_energy() == Approx(20.45e-12).epsilon(1e-3));
  CHECK(s.bus.unit_energy() == Approx(0.054e-12).epsilon(1e-3));
  CHECK(256 * s.router.unit_energy() == Approx(20.74e-12).epsilon(1e-3));
}

TEST_CASE("an unknown technology is refused with the known ones", "[cost]") {
  CHECK_THAT(cases::refusal([] { cost::technology("33nm"); }), ContainsSubstring("32nm"));
  CHECK_THROWS_AS(cost::technology("/nowhere/mine.toml"), core::Error);
}

TEST_CASE("a technology file of one's own works like a shipped one", "[cost]") {
  const auto path = std::filesystem::temp_directory_path() / "wordline_test_technology.toml";
  std::ofstream(path) << cost::presets::files().front().text;
  const auto own = cost::technology(path.string());
  std::filesystem::remove(path);
  CHECK(own.spec.adc.power == cases::isaac().spec.adc.power);
  CHECK(own.number("adc.power").basis == "published");
  CHECK(own.number("adc.leakage").source.empty());
}

TEST_CASE("the description of a technology lists every part", "[cost]") {
  const auto info = core::describe<cost::TechnologySpec>();
  for (const auto& part : cost::parts()) {
    const auto same = [&](const core::FieldInfo& f) { return f.name == part.path; };
    CAPTURE(part.path);
    CHECK(std::any_of(info.fields.begin(), info.fields.end(), same));
  }
}

TEST_CASE("a technology file is refused when a number is missing, misspelt, in another unit or out of range",
          "[cost]") {
  const auto why = [](const char* from, const char* to) { return cases::refusal([=] { cases::edited(from, to); }); };
  CHECK(why("2.4e-3", "2.5e-3").empty());
  CHECK_THAT(why("[settings.adc]\npower", "[settings.adc]\n# power"), ContainsSubstring("adc.power"));
  CHECK_THAT(why("[settings.adc]\npower", "[settings.adc]\npwoer"), ContainsSubstring("power, area, units"));
  CHECK_THAT(why("[settings.pooling]", "[settings.poling]"), ContainsSubstring("pooling"));
  CHECK_THAT(why("value = 16e-3, unit = \"W\"", "value = 16, unit = \"mW\""), ContainsSubstring("mW"));
  CHECK_THAT(why("value = 16e-3", "value = -16e-3"), ContainsSubstring("adc.power"));
  CHECK_THAT(why("value = 1024", "value = 0"), ContainsSubstring("units"));
  CHECK_THAT(why("rate = { value = 1.2e9", "leakage = { value = 0"), ContainsSubstring("1/s"));
  CHECK_THAT(why("kind = \"technology\"", "kind = \"cell\""), ContainsSubstring("technology"));
}

TEST_CASE("the lists of ADC resolutions belong together", "[cost]") {
  const auto why = [](const char* from, const char* to) { return cases::refusal([=] { cases::edited(from, to); }); };
  CHECK_THAT(why("[0.79e-12, 0.99e-12,", "[0.79e-12,"), ContainsSubstring("same resolutions"));
  CHECK_THAT(why("first_bits = { value = 4", "first_bits = { value = 9"), ContainsSubstring("adc_resolution.bits"));
  CHECK(why("first_bits = { value = 4", "first_bits = { value = 8").empty());
  CHECK_THAT(why("[0.79e-12, 0.99e-12,", "[0, 0.99e-12,"), ContainsSubstring("adc_resolution.energy"));
}

TEST_CASE("each part is described, and only counted parts need a rate", "[cost]") {
  for (const auto& part : cost::parts()) {
    CAPTURE(part.path);
    CHECK_FALSE(part.name.empty());
    CHECK_FALSE(cases::isaac().number(std::string(part.path) + ".power").source.empty());
    CHECK((part.count == nullptr || (cases::isaac().spec.*part.component).rate.has_value()));
    CHECK((part.instances != nullptr) == (part.level == cost::Level::array || part.level == cost::Level::ima));
  }
}

}  // namespace
