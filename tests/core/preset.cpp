#include "core/preset.hpp"

#include <array>
#include <filesystem>
#include <string>

#include "tests/core/support.hpp"

using namespace wordline;
using core::ErrorKind;
using core::parse_preset;
using tests::holds;
using tests::refused;

namespace {

const std::string head = "[preset]\nkind = \"cell\"\nmodel = \"reram\"\ntitle = \"A cell\"\nsource = \"A paper\"\n";
const std::string number = "value = 4e-5\nunit = \"S\"\nsource = \"Fig. 3\"\nbasis = \"measured\"\n";
const std::string word = "value = \"sar\"\nsource = \"Table 1\"\nbasis = \"published\"\n";
const std::string good = head + "[settings.g_max]\n" + number + "[settings.adc.kind]\n" + word;

// `good` with one piece of text replaced.
std::string with(const std::string& old, const std::string& replacement) {
  std::string text = good;
  const auto at = text.find(old);
  REQUIRE(at != std::string::npos);
  return text.replace(at, old.size(), replacement);
}

std::array<core::EmbeddedFile, 2> files() { return {{{"zeta-2020", good}, {"alpha-2021", good}}}; }

}  // namespace

TEST_CASE("a preset gives its settings as a plain tree and every number with its source") {
  const core::Preset preset = parse_preset(good, "mine");
  CHECK(preset.name == "mine");
  CHECK(preset.kind == "cell");
  CHECK(preset.model == "reram");
  CHECK(preset.title == "A cell");
  CHECK(preset.source == "A paper");
  CHECK(preset.settings == core::Value{{"adc", {{"kind", "sar"}}}, {"g_max", 4e-5}});
  REQUIRE(preset.numbers.size() == 2);
  CHECK(preset.numbers[0].path == "adc.kind");
  CHECK(preset.numbers[0].unit.empty());
  CHECK(preset.numbers[1].path == "g_max");
  CHECK(preset.numbers[1].value == 4e-5);
  CHECK(preset.numbers[1].unit == "S");
  CHECK(preset.numbers[1].source == "Fig. 3");
  CHECK(preset.numbers[1].basis == "measured");
}

TEST_CASE("a list of tables in a preset is a list of nested settings") {
  const std::string stage = "[settings.stage.ratio]\nvalue = 2\nsource = \"Fig. 5\"\nbasis = \"fit\"\n";
  const core::Preset preset =
      parse_preset(head + "[[settings.stage]]\n" + stage + "[[settings.stage]]\n" + stage, "mine");
  CHECK(preset.settings == core::Value{{"stage", core::Value::array({{{"ratio", 2}}, {{"ratio", 2}}})}});
  REQUIRE(preset.numbers.size() == 2);
  CHECK(preset.numbers[1].path == "stage[1].ratio");
}

TEST_CASE("a number without source or basis is refused by its full name") {
  for (const char* part : {"source = \"Table 1\"\n", "basis = \"published\"\n"}) {
    const auto error = refused(ErrorKind::value, [&] { parse_preset(with(part, ""), "mine"); });
    CHECK(error.complaint().name == "mine: adc.kind");
    CHECK(holds(error.what(), std::string(part).substr(0, 5)));
  }
}

TEST_CASE("a preset says what it is, in known words") {
  for (const char* part : {"kind = \"cell\"\n", "title = \"A cell\"\n", "source = \"A paper\"\n", "[preset]\n"})
    refused(ErrorKind::value, [&] { parse_preset(with(part, ""), "mine"); });
  const auto basis = refused(ErrorKind::value, [] { parse_preset(with("measured", "guessed"), "mine"); });
  CHECK(basis.complaint().name == "mine: g_max.basis");
  CHECK(basis.complaint().value == "guessed");
  CHECK(basis.complaint().allowed == "published, measured, fit, assumed");
  const auto kind = refused(ErrorKind::value, [] { parse_preset(with("\"cell\"", "\"cells\""), "mine"); });
  CHECK(kind.complaint().allowed == "cell, chip, technology");
}

TEST_CASE("a preset of the wrong shape is refused with a typed error") {
  for (const std::string& text :
       {head, head + "[settings]\ng_max = 4e-5\n", head + "[[settings]]\n" + number, "settings = 1\n" + head,
        "preset = 1\n[settings.a]\n" + number, with("unit = \"S\"", "unit = 5"), with("model = \"reram\"", "model = 5"),
        with("source = \"Fig. 3\"", "source = 3"), with("title = \"A cell\"", "title = []")})
    refused(ErrorKind::value, [&] { parse_preset(text, "mine"); });
}

TEST_CASE("an unknown preset is refused with the list of known ones") {
  const auto all = files();
  CHECK(core::find_preset(all, "alpha-2021").name == "alpha-2021");
  const auto error = refused(ErrorKind::value, [&] { core::find_preset(all, "alpha-2022"); });
  CHECK(error.complaint().value == "alpha-2022");
  CHECK(error.complaint().allowed == "zeta-2020, alpha-2021");
}

TEST_CASE("all presets come sorted by name") {
  const auto all = files();
  const auto presets = core::all_presets(all);
  REQUIRE(presets.size() == 2);
  CHECK(presets[0].name == "alpha-2021");
  CHECK(presets[1].name == "zeta-2020");
}

TEST_CASE("a user's own preset file works like ours") {
  const tests::Folder folder;
  tests::save(folder.file("mine.toml"), good);
  const core::Preset preset = core::find_preset({}, folder.file("mine.toml"));
  CHECK(preset.name == folder.file("mine.toml"));
  CHECK(preset.settings.at("g_max") == 4e-5);
}

TEST_CASE("a preset file that cannot be read is an io error, an empty one is a bad preset") {
  const tests::Folder folder;
  std::filesystem::create_directory(folder.file("folder.toml"));
  for (const char* name : {"missing.toml", "folder.toml"}) {
    const auto error = refused(ErrorKind::io, [&] { core::find_preset({}, folder.file(name)); });
    CHECK(error.complaint().name == folder.file(name));
  }
  tests::save(folder.file("empty.toml"), "");
  refused(ErrorKind::value, [&] { core::find_preset({}, folder.file("empty.toml")); });
}
