#include "core/preset.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "core/error.hpp"

namespace wordline::core {
namespace {

constexpr std::array<std::string_view, 4> bases{"published", "measured", "fit", "assumed"};
constexpr std::array<std::string_view, 3> kinds{"cell", "chip", "technology"};

[[noreturn]] void refuse(const std::string& name, const std::string& rule, const std::string& value = "",
                         const std::string& allowed = "") {
  throw Error(ErrorKind::value, {.rule = rule,
                                 .name = name,
                                 .value = value,
                                 .unit = "",
                                 .allowed = allowed,
                                 .remedy = "correct the preset file"});
}

std::string text_of(const Value& table, const char* key, const std::string& where) {
  const auto it = table.find(key);
  if (it == table.end() || !it->is_string()) refuse(where, std::string("a preset states its ") + key + " as text");
  return it->get<std::string>();
}

template <class Words>
void check_word(const std::string& where, const std::string& word, const Words& words) {
  if (std::find(words.begin(), words.end(), word) != words.end()) return;
  std::string known;
  for (const auto w : words) known += (known.empty() ? "" : ", ") + std::string(w);
  refuse(where, "unknown word", word, known);
}

// A part that may be left out: absent is empty.
std::string optional_text(const Value& table, const char* key, const std::string& where) {
  return table.contains(key) ? text_of(table, key, where) : "";
}

void add_number(const Value& table, const std::string& path, const std::string& name, Preset& preset) {
  detail::check_keys(name + ": " + path, table, {"value", "unit", "source", "basis"});
  PresetNumber n{.path = path,
                 .value = table.at("value"),
                 .unit = optional_text(table, "unit", name + ": " + path),
                 .source = text_of(table, "source", name + ": " + path),
                 .basis = text_of(table, "basis", name + ": " + path)};
  check_word(name + ": " + path + ".basis", n.basis, bases);
  preset.numbers.push_back(std::move(n));
}

Value strip(const Value& table, const std::string& path, const std::string& name, Preset& preset);

// A table with a `value` is a cited number; any other table is a nested spec, and a list is a list of those.
Value strip_child(const Value& child, const std::string& full, const std::string& name, Preset& preset) {
  if (child.is_array()) {
    Value out = Value::array();
    for (std::size_t i = 0; i < child.size(); ++i)
      out.push_back(strip_child(child[i], full + "[" + std::to_string(i) + "]", name, preset));
    return out;
  }
  if (!child.is_object()) refuse(name + ": " + full, "every number of a preset is a table with value and source");
  if (!child.contains("value")) return strip(child, full, name, preset);
  add_number(child, full, name, preset);
  return child.at("value");
}

Value strip(const Value& table, const std::string& path, const std::string& name, Preset& preset) {
  Value out = Value::object();
  for (const auto& [key, child] : table.items())
    out[key] = strip_child(child, path.empty() ? key : path + "." + key, name, preset);
  return out;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  // A directory opens like a file and only fails when read, so peek before the copy.
  const bool readable = file.is_open() && (file.peek(), !file.bad());
  if (readable && !file.eof()) text << file.rdbuf();
  require(readable && !file.bad() && !text.bad(), ErrorKind::io,
          {.rule = "cannot read the preset file",
           .name = path,
           .value = "",
           .unit = "",
           .allowed = "",
           .remedy = "check the path and its permissions"});
  return text.str();
}

const FieldInfo* find_field(const std::vector<FieldInfo>& fields, const std::string& name) {
  const auto it = std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.name == name; });
  return it == fields.end() ? nullptr : &*it;
}

// The field a dotted path such as "errors[0].time" leads to; nothing for an unknown name, which `canonical` refuses
// with the list of known ones.
const FieldInfo* follow(const std::vector<FieldInfo>& fields, const std::string& path) {
  const auto dot = path.find('.');
  const std::string head = path.substr(0, dot);
  const FieldInfo* field = find_field(fields, head.substr(0, head.find('[')));
  if (field == nullptr || dot == std::string::npos) return field;
  return follow(field->fields, path.substr(dot + 1));
}

}  // namespace

void check_units(const Preset& preset, const SpecInfo& spec) {
  for (const auto& n : preset.numbers) {
    const FieldInfo* field = follow(spec.fields, n.path);
    const std::string unit = field == nullptr || n.value.is_string() ? "" : field->unit;  // words have no unit
    require(field == nullptr || unit == n.unit, ErrorKind::value,
            {.rule = "a preset gives its numbers in the unit of the setting",
             .name = preset.name + ": " + n.path,
             .value = show(n.value),
             .unit = n.unit,
             .allowed = unit.empty() ? "no unit" : unit,
             .remedy = "convert the number"});
  }
}

Preset parse_preset(std::string_view text, const std::string& name) {
  const Value tree = parse_toml(text, name);
  for (const char* part : {"preset", "settings"})
    if (!tree.contains(part) || !tree.at(part).is_object()) refuse(name, "a preset has [preset] and [settings]");
  const Value& head = tree.at("preset");
  Preset preset{.name = name,
                .kind = text_of(head, "kind", name),
                .model = optional_text(head, "model", name),
                .title = text_of(head, "title", name),
                .source = text_of(head, "source", name),
                .numbers = {},
                .settings = {}};
  check_word(name + ": kind", preset.kind, kinds);
  preset.settings = strip(tree.at("settings"), "", name, preset);
  return preset;
}

Preset find_preset(std::span<const EmbeddedFile> files, const std::string& name_or_path) {
  if (name_or_path.ends_with(".toml")) return parse_preset(read_file(name_or_path), name_or_path);
  std::string known;
  for (const auto& f : files) {
    if (f.name == name_or_path) return parse_preset(f.text, name_or_path);
    known += (known.empty() ? "" : ", ") + std::string(f.name);
  }
  throw Error(ErrorKind::value, {.rule = "unknown preset",
                                 .name = "preset",
                                 .value = name_or_path,
                                 .unit = "",
                                 .allowed = known,
                                 .remedy = "or give the path of your own .toml file"});
}

std::vector<Preset> all_presets(std::span<const EmbeddedFile> files) {
  std::vector<Preset> out;
  for (const auto& f : files) out.push_back(parse_preset(f.text, std::string(f.name)));
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return out;
}

}  // namespace wordline::core
