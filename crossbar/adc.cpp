#include "crossbar/adc.hpp"

#include <algorithm>
#include <cmath>

namespace wordline::crossbar {

namespace {

// One of the errors that belong to some kinds of converter only.
struct KindError {
  const char* name;
  const char* unit;
  double value;  // 0 = absent
  std::vector<AdcKind> kinds;
};

std::vector<KindError> kind_errors(const AdcSpec& s) {
  using enum AdcKind;
  const double table = s.inl_table.empty() ? 0.0 : static_cast<double>(s.inl_table.size());
  return {{"inl", "LSB", s.inl, {uniform}},
          {"dnl", "LSB", s.dnl, {uniform}},
          {"inl_table", "numbers", table, {uniform}},
          {"mismatch", "", s.mismatch, {sar, ramp, flash, pipeline, cyclic}},
          {"comparator_offset", "LSB", s.comparator_offset, {sar, ramp, flash, pipeline, cyclic}},
          {"amplifier_gain", "", s.amplifier_gain.value_or(0.0), {pipeline, cyclic}}};
}

std::string words(const std::vector<AdcKind>& kinds) {
  std::string out;
  for (const AdcKind kind : kinds) out += (out.empty() ? "" : ", ") + core::show(core::write(kind));
  return out;
}

void check_ideal(const AdcSpec& s) {
  const auto absent = [](const char* name, double value, const char* unit) {
    core::require(value == 0.0, core::ErrorKind::value,
                  {.rule = "an ideal ADC (bits = None) has no errors",
                   .name = std::string("adc.") + name,
                   .value = core::number(value),
                   .unit = unit,
                   .allowed = "none of the errors with adc.bits = None",
                   .remedy = "give bits, or leave this setting out"});
  };
  absent("offset", s.offset, "LSB");
  absent("gain", s.gain, "");
  absent("noise", s.noise, "LSB");
  for (const KindError& e : kind_errors(s)) absent(e.name, e.value, e.unit);
  core::require(s.kind == AdcKind::uniform, core::ErrorKind::value,
                {.rule = "an ideal ADC (bits = None) decides nothing",
                 .name = "adc.kind",
                 .value = core::show(core::write(s.kind)),
                 .unit = "",
                 .allowed = "uniform with adc.bits = None",
                 .remedy = "give bits, or leave kind out"});
}

// Edges of converters with these errors are tabulated one by one.
constexpr std::int64_t most_bits = 12;

void check_kind(const AdcSpec& s) {
  for (const KindError& e : kind_errors(s)) {
    if (e.value == 0.0) continue;
    core::require(std::count(e.kinds.begin(), e.kinds.end(), s.kind) > 0, core::ErrorKind::value,
                  {.rule = "an error belongs to the kinds of converter that have the part it comes from",
                   .name = std::string("adc.") + e.name,
                   .value = core::number(e.value) + " with kind = " + core::show(core::write(s.kind)),
                   .unit = e.unit,
                   .allowed = "kind = " + words(e.kinds),
                   .remedy = "leave it out, or choose such a kind"});
    core::require(*s.bits <= most_bits, core::ErrorKind::value,
                  {.rule = "converters with this error have at most 12 bits",
                   .name = "adc.bits",
                   .value = std::to_string(*s.bits) + " with " + e.name,
                   .unit = "bit",
                   .allowed = "[1, 12]",
                   .remedy = std::string("use fewer bits, or leave ") + e.name + " out"});
  }
}

void check_table(const AdcSpec& s) {
  if (s.inl_table.empty()) return;
  const std::int64_t edges = (std::int64_t{1} << *s.bits) - 1;
  const auto fits = [](double shift) { return std::abs(shift) <= 1000.0; };
  const bool holds = std::ssize(s.inl_table) == edges && std::all_of(s.inl_table.begin(), s.inl_table.end(), fits);
  core::require(holds, core::ErrorKind::value,
                {.rule = "a table of shifts has one finite number for every edge between two codes",
                 .name = "adc.inl_table",
                 .value = std::to_string(s.inl_table.size()) + " numbers",
                 .unit = "LSB",
                 .allowed = std::to_string(edges) + " numbers in [-1000, 1000]",
                 .remedy = "give 2^bits - 1 numbers"});
}

}  // namespace

void AdcSpec::check() const {
  if (!bits) check_ideal(*this);
  if (bits) check_kind(*this);
  if (bits) check_table(*this);
  const auto* rule = std::get_if<AdcRange>(&range);
  const bool calibrates = bits && rule != nullptr && *rule == AdcRange::calibrated;
  core::require(calibrates || statistic == Statistic::max, core::ErrorKind::value,
                {.rule = "a statistic serves calibrated ranges",
                 .name = "adc.statistic",
                 .value = core::show(core::write(statistic)),
                 .unit = "",
                 .allowed = "max",
                 .remedy = "leave it out, or use range = calibrated and bits"});
  const auto* given = std::get_if<std::array<double, 2>>(&range);
  core::require(given == nullptr || ((*given)[0] <= 0.0 && (*given)[1] > 0.0), core::ErrorKind::value,
                {.rule = "a given range holds zero current",
                 .name = "adc.range",
                 .value = given != nullptr ? core::number((*given)[0]) + " to " + core::number((*given)[1]) : "",
                 .unit = "A",
                 .allowed = "low <= 0 < high",
                 .remedy = ""});
}

Codes codes_for(double reach, std::int64_t bits, Converted kind) {
  const double largest = std::ldexp(1.0, static_cast<int>(kind.two_sided ? bits - 1 : bits)) - 1.0;
  const double smallest = kind.two_sided ? -largest - 1.0 : 0.0;
  // A 1-bit two-sided converter has the codes -1 and 0: its step must still cover the reach.
  const double step = reach / std::max(1.0, largest);
  const bool widen = step <= 0.0 || (kind.whole && step < 1.0);
  return {.step = widen ? 1.0 : step, .low = smallest, .high = largest};
}

Codes codes_between(double low, double high, std::int64_t bits) {
  const double steps = std::ldexp(1.0, static_cast<int>(bits)) - 1.0;
  const double step = (high - low) / steps;
  const double lowest = std::nearbyint(low / step);
  return {.step = step, .low = lowest, .high = lowest + steps};
}

double calibrated_reach(const AdcSpec& spec, const Histogram& seen, Converted kind) {
  return chosen_reach(spec.statistic, spec.percentile, seen,
                      [&](double reach) { return codes_for(reach, *spec.bits, kind); });
}

}  // namespace wordline::crossbar
