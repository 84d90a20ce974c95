#include <filesystem>
#include <fstream>

#include "tests/catch.hpp"
#include "tests/devices/cases.hpp"

namespace {

using namespace wordline;
using Catch::Matchers::ContainsSubstring;

std::vector<core::Preset> presets() { return core::all_presets(devices::presets::files()); }

// The field behind "errors[0].time", looked up step by step.
core::FieldInfo field_of(std::vector<core::FieldInfo> fields, std::string path) {
  for (;;) {
    const auto dot = path.find('.');
    const std::string head = path.substr(0, dot), name = head.substr(0, head.find('['));
    const auto f = std::find_if(fields.begin(), fields.end(), [&](const auto& x) { return x.name == name; });
    REQUIRE(f != fields.end());
    if (dot == std::string::npos) return *f;
    path = path.substr(dot + 1);
    fields = std::vector<core::FieldInfo>(f->fields);
  }
}

// A file of the user's own with one setting of an ideal cell.
class OwnPreset {
 public:
  explicit OwnPreset(const std::string& number)
      : path_(std::filesystem::temp_directory_path() / "wordline_own_preset.toml") {
    std::ofstream(path_) << "[preset]\nkind = \"cell\"\nmodel = \"ideal\"\ntitle = \"mine\"\nsource = \"my lab\"\n"
                         << "[settings.g_max]\n"
                         << number << "\nsource = \"notebook\"\nbasis = \"measured\"\n";
  }
  OwnPreset(const OwnPreset&) = delete;
  OwnPreset& operator=(const OwnPreset&) = delete;
  ~OwnPreset() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("every number of every cell preset has the field's unit and a source") {
  CHECK(presets().size() >= 5);
  for (const auto& preset : presets()) {
    CHECK(preset.kind == "cell");
    CHECK_FALSE(preset.numbers.empty());
    const auto fields = devices::model(preset.model).describe().fields;
    for (const auto& n : preset.numbers) {
      INFO(preset.name << ": " << n.path);
      CHECK(n.unit == field_of(fields, n.path).unit);
      CHECK(n.source.size() > 5);
      if (n.basis == "assumed") CHECK_THAT(n.source, ContainsSubstring("assumption"));
    }
  }
}

TEST_CASE("every cell preset constructs a cell that programs") {
  for (const auto& preset : presets()) {
    INFO(preset.name);
    const auto cell = cases::make(preset.name);
    const devices::Window w = cell->window();
    CHECK(w.G_min < w.G_max);
    CHECK(cases::programmed(*cell, 10, w.G_max).G.size() == 10);
    CHECK(cell->has_read_noise());
  }
}

TEST_CASE("a user's own preset works the same way, in the setting's unit") {
  const OwnPreset good("value = 30e-6\nunit = \"S\"");
  CHECK(cases::make(good.path())->window().G_max == 30e-6);
  const OwnPreset microsiemens("value = 30.0\nunit = \"uS\"");
  CHECK_THAT(cases::message([&] { cases::make(microsiemens.path()); }), ContainsSubstring("allowed: S"));
  const OwnPreset none("value = 30e-6");
  CHECK_THROWS_AS(cases::make(none.path()), core::Error);
}
