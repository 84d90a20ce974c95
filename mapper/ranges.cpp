#include <algorithm>
#include <cmath>

#include "mapper/layer.hpp"

namespace wordline::mapper {
namespace {

using core::Value;

void need(bool holds, const Plan& plan, const char* rule, const std::string& name) {
  core::require(
      holds, core::ErrorKind::value,
      {.rule = rule, .name = plan.name + ".ranges" + name, .value = "", .unit = "", .allowed = "", .remedy = ""});
}

crossbar::Codes read_codes(const Plan& plan, const Value& value) {
  const auto numbers = core::read<std::vector<double>>(value, plan.name + ".ranges.adc");
  need(numbers.size() == 3, plan, "the codes of a converter are step, low and high", ".adc");
  const bool whole = std::floor(numbers[1]) == numbers[1] && std::floor(numbers[2]) == numbers[2];
  need(numbers[0] > 0.0 && whole && numbers[1] < numbers[2] && numbers[2] - numbers[1] < 65536.0, plan,
       "codes of a converter are whole numbers of at most 16 bits, with a positive step", ".adc");
  return {.step = numbers[0], .low = numbers[1], .high = numbers[2]};
}

}  // namespace

Value Layer::ranges() const {
  Value tiles = Value::array();
  for (const auto& tile : plan_.adc) {
    Value slices = Value::array();
    for (const crossbar::Codes& c : tile) slices.push_back({c.step, c.low, c.high});
    tiles.push_back(slices);
  }
  return {{"signed", plan_.code.is_signed}, {"scale", plan_.input.scale}, {"adc", tiles}};
}

void Layer::set_ranges(const Value& ranges) {
  for (const char* name : {"signed", "scale", "adc"})
    need(ranges.contains(name), plan_, "ranges name sign, scale and codes", std::string(".") + name);
  if (!plan_.input.fixed)
    mapper::set_inputs(plan_, core::read<bool>(ranges.at("signed"), "ranges.signed"),
                       core::read<double>(ranges.at("scale"), "ranges.scale"));
  std::vector<std::vector<crossbar::Codes>> adc;
  for (const Value& tile : ranges.at("adc")) {
    adc.emplace_back();
    for (const Value& slice : tile) adc.back().push_back(read_codes(plan_, slice));
    need(adc.back().size() == plan_.slices.size(), plan_, "there are codes for every slice", ".adc");
  }
  need(std::ssize(adc) == plan_.layout.tiles() || adc.empty(), plan_, "there are codes for every row tile", ".adc");
  plan_.adc = std::move(adc);
}

}  // namespace wordline::mapper
