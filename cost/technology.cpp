#include "cost/technology.hpp"

#include "cost/parts.hpp"

namespace wordline::cost {
namespace {

using core::Complaint;
using core::ErrorKind;
using core::require;

struct Expected {
  std::string path, unit;
  bool required;
};

void collect(const std::vector<core::FieldInfo>& fields, const std::string& path, std::vector<Expected>& out) {
  for (const auto& f : fields) {
    const std::string full = path.empty() ? f.name : path + "." + f.name;
    if (f.fields.empty())
      out.push_back({full, f.unit, !f.optional});
    else
      collect(f.fields, full, out);
  }
}

// The defaults of the structs must never stand in for a number that nobody cited.
void check_numbers(const Technology& t) {
  std::vector<Expected> expected;
  collect(core::describe<TechnologySpec>().fields, "", expected);
  for (const auto& e : expected) {
    const auto it = t.numbers.find(e.path);
    require(it != t.numbers.end() || !e.required, ErrorKind::value,
            Complaint{.rule = "a technology states every number, there are no silent defaults",
                      .name = e.path,
                      .value = "",
                      .unit = e.unit,
                      .allowed = "",
                      .remedy = "add it to " + t.name});
    require(it == t.numbers.end() || it->second.unit == e.unit, ErrorKind::value,
            Complaint{.rule = "numbers of a technology are given in SI units",
                      .name = t.name + ": " + e.path,
                      .value = it == t.numbers.end() ? "" : it->second.unit,
                      .unit = "",
                      .allowed = e.unit,
                      .remedy = "convert value and unit"});
  }
}

void check_rates(const Technology& t) {
  for (const Part& part : parts())
    require(!part.count || (t.spec.*part.component).rate, ErrorKind::value,
            Complaint{.rule = "a component whose actions are counted states its rate",
                      .name = std::string(part.path) + ".rate",
                      .value = "",
                      .unit = "1/s",
                      .allowed = "",
                      .remedy = "add it to " + t.name});
}

}  // namespace

void AdcResolution::check() const {
  require(energy.size() == area.size(), ErrorKind::value,
          Complaint{.rule = "energy and area of an ADC are stated for the same resolutions",
                    .name = "adc_resolution.area",
                    .value = std::to_string(area.size()),
                    .unit = "number",
                    .allowed = std::to_string(energy.size()),
                    .remedy = ""});
  require(bits >= first_bits && bits <= last_bits(), ErrorKind::value,
          Complaint{.rule = "the resolution of the component table is one of the lists",
                    .name = "adc_resolution.bits",
                    .value = std::to_string(bits),
                    .unit = "bit",
                    .allowed = "[" + std::to_string(first_bits) + ", " + std::to_string(last_bits()) + "]",
                    .remedy = ""});
}

const core::PresetNumber& Technology::number(const std::string& path) const {
  static const core::PresetNumber none{};
  const auto it = numbers.find(path);
  return it == numbers.end() ? none : it->second;
}

Technology technology(const core::Preset& preset) {
  require(preset.kind == "technology", ErrorKind::value,
          Complaint{.rule = "this preset does not describe a technology",
                    .name = preset.name + ": kind",
                    .value = preset.kind,
                    .unit = "",
                    .allowed = "technology",
                    .remedy = ""});
  Technology t{.name = preset.name,
               .title = preset.title,
               .source = preset.source,
               .spec = core::read<TechnologySpec>(preset.settings),
               .numbers = {}};
  for (const auto& n : preset.numbers) t.numbers.emplace(n.path, n);
  check_numbers(t);
  check_rates(t);
  return t;
}

Technology technology(const std::string& name_or_path) {
  return technology(core::find_preset(presets::files(), name_or_path));
}

}  // namespace wordline::cost
