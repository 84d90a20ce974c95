#include "devices/table_file.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <optional>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/hdf5_file.hpp"
#include "core/spec.hpp"
#include "devices/table_grid.hpp"

namespace wordline::devices {
namespace {

using core::ErrorKind;

[[noreturn]] void refuse(const std::string& name, const std::string& rule, const std::string& value = "",
                         const std::string& allowed = "", const std::string& remedy = "correct the file") {
  throw core::Error(ErrorKind::value,
                    {.rule = rule, .name = name, .value = value, .unit = "", .allowed = allowed, .remedy = remedy});
}

/// A unit and its worth in SI: times `factor`, then divided by `divisor`. Dividing by 1e6 rounds once, so that 20 uS
/// read from a file is the 20e-6 of a program.
struct Unit {
  std::string_view word;
  double factor, divisor;
};
constexpr std::array<Unit, 6> conductances{
    {{"S", 1, 1}, {"mS", 1, 1e3}, {"uS", 1, 1e6}, {"µS", 1, 1e6}, {"nS", 1, 1e9}, {"pS", 1, 1e12}}};
constexpr std::array<Unit, 8> durations{{{"s", 1, 1},
                                         {"ms", 1, 1e3},
                                         {"us", 1, 1e6},
                                         {"µs", 1, 1e6},
                                         {"ns", 1, 1e9},
                                         {"min", 60, 1},
                                         {"h", 3600, 1},
                                         {"d", 86400, 1}}};

struct Quantity {
  std::string_view name;
  std::span<const Unit> units;
  std::vector<double> Columns::* column;
};
constexpr std::array<Quantity, 4> quantities{{{"state", conductances, &Columns::state},
                                              {"time", durations, &Columns::time},
                                              {"mean", conductances, &Columns::mean},
                                              {"sigma", conductances, &Columns::sigma}}};

/// What one column of a file holds.
struct Header {
  const Quantity* quantity;
  Unit unit;
};

const Unit& find_unit(const Quantity& quantity, std::string_view word, const std::string& where) {
  std::string known;
  for (const Unit& unit : quantity.units) {
    if (unit.word == word) return unit;
    known += (known.empty() ? "" : ", ") + std::string(unit.word);
  }
  refuse(where + ", column " + std::string(quantity.name), "unknown unit", std::string(word), known);
}

// "state_uS" is the target in uS; without a unit, in SI.
Header parse_header(std::string_view text, const std::string& where) {
  const auto bar = text.find('_');
  const std::string_view name = text.substr(0, bar);
  for (const Quantity& q : quantities)
    if (q.name == name)
      return {.quantity = &q,
              .unit = bar == std::string_view::npos ? q.units.front() : find_unit(q, text.substr(bar + 1), where)};
  refuse(where, "unknown column", std::string(text), "state, time, mean, sigma, each with a unit as in state_uS",
         "separate columns by commas and leave out others");
}

void check_complete(const std::vector<Header>& headers, const std::string& where) {
  for (const Quantity& q : quantities) {
    const auto count = std::count_if(headers.begin(), headers.end(), [&](const auto& h) { return h.quantity == &q; });
    if (count != 1)
      refuse(where, count == 0 ? "a column is missing" : "a column is given twice", std::string(q.name),
             "state, time, mean, sigma, each once");
  }
}

core::Value settings_of(const Columns& columns, const RowName& row) {
  const Grid checked(columns, row);
  core::Value out = core::Value::object();
  for (const Quantity& q : quantities) out[std::string(q.name)] = core::write(columns.*(q.column));
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r"), last = text.find_last_not_of(" \t\r");
  return first == std::string_view::npos ? std::string_view{} : text.substr(first, last - first + 1);
}

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto comma = line.find(',');
    parts.push_back(trimmed(line.substr(0, comma)));
    if (comma == std::string_view::npos) return parts;
    line.remove_prefix(comma + 1);
  }
}

double parse_number(std::string_view text, const Header& header, const std::string& where) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    refuse(where + ", column " + std::string(header.quantity->name), "not a number", "'" + std::string(text) + "'",
           "a finite number such as 2.5e-5");
  return value * header.unit.factor / header.unit.divisor;
}

/// A line of a file that is neither empty nor a comment.
struct Line {
  std::size_t number;  ///< counted from 1
  std::string text;
};

std::vector<Line> lines_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<Line> lines;
  std::string text;
  for (std::size_t number = 1; std::getline(file, text); ++number) {
    if (number == 1 && text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);  // byte-order mark of spreadsheets
    const std::string_view inside = trimmed(text);
    if (!inside.empty() && inside.front() != '#') lines.push_back({.number = number, .text = std::string(inside)});
  }
  core::require(file.is_open() && !file.bad(), ErrorKind::io,
                {.rule = "cannot read the table",
                 .name = path,
                 .value = "",
                 .unit = "",
                 .allowed = "",
                 .remedy = "check the path and its permissions"});
  return lines;
}

core::Value read_csv(const std::string& path) {
  const std::vector<Line> lines = lines_of(path);
  const auto where = [&](std::size_t i) { return path + ", line " + std::to_string(lines[i].number); };
  if (lines.empty()) refuse(path, "the file is empty", "", "a line of column names, then rows of numbers");
  std::vector<Header> headers;
  for (const std::string_view name : split(lines[0].text)) headers.push_back(parse_header(name, where(0)));
  check_complete(headers, where(0));
  Columns columns;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto parts = split(lines[i].text);
    if (parts.size() != headers.size())
      refuse(where(i), "a row has one number per column", std::to_string(parts.size()), "4");
    for (std::size_t c = 0; c < parts.size(); ++c)
      (columns.*(headers[c].quantity->column)).push_back(parse_number(parts[c], headers[c], where(i)));
  }
  return settings_of(columns, [&](std::size_t i) { return i + 1 < lines.size() ? where(i + 1) : path; });
}

// Datasets are columns; the unit stands in the name, as in a .csv, or in the attribute `unit`.
Header dataset_header(const core::Hdf5File& file, const std::string& name, const std::string& path) {
  Header header = parse_header(name, path);
  if (!file.has_attribute("/" + name, "unit")) return header;
  if (name.find('_') != std::string::npos)
    refuse(path + ", " + name, "the unit stands in the name or in the attribute, not in both");
  header.unit = find_unit(*header.quantity, file.attribute_text("/" + name, "unit"), path);
  return header;
}

core::Value read_hdf5(const std::string& path) {
  const core::Hdf5File file = core::Hdf5File::open(path);
  std::vector<Header> headers;
  Columns columns;
  for (const std::string& name : file.children("/")) {
    headers.push_back(dataset_header(file, name, path));
    auto& column = columns.*(headers.back().quantity->column);
    column = file.read<double>("/" + name, {-1});
    for (double& x : column) x = x * headers.back().unit.factor / headers.back().unit.divisor;
  }
  check_complete(headers, path);
  const std::size_t rows = columns.state.size();
  return settings_of(columns, [&](std::size_t i) { return i < rows ? path + ", element " + std::to_string(i) : path; });
}

}  // namespace

bool is_table_file(const std::string& path) {
  return path.ends_with(".csv") || path.ends_with(".h5") || path.ends_with(".hdf5");
}

core::Value read_table(const std::string& path) { return path.ends_with(".csv") ? read_csv(path) : read_hdf5(path); }

}  // namespace wordline::devices
