#include "python/bindings/uses.hpp"

#include <tuple>

#include "core/error.hpp"
#include "core/spec.hpp"

namespace wordline::bindings {
namespace {

using core::Activity;
using core::Value;
using cost::LayerUse;

constexpr auto activity_members =
    std::make_tuple(std::pair{"samples", &Activity::samples}, std::pair{"windows", &Activity::windows},
                    std::pair{"macs", &Activity::macs}, std::pair{"array_reads", &Activity::array_reads},
                    std::pair{"row_drives", &Activity::row_drives}, std::pair{"conversions", &Activity::conversions},
                    std::pair{"saturations", &Activity::saturations}, std::pair{"inputs", &Activity::inputs},
                    std::pair{"input_clips", &Activity::input_clips}, std::pair{"shift_adds", &Activity::shift_adds},
                    std::pair{"input_bits", &Activity::input_bits}, std::pair{"output_bits", &Activity::output_bits},
                    std::pair{"array_energy", &Activity::array_energy});

constexpr auto use_members = std::make_tuple(
    std::pair{"name", &LayerUse::name}, std::pair{"arrays", &LayerUse::arrays}, std::pair{"rows", &LayerUse::rows},
    std::pair{"cols", &LayerUse::cols}, std::pair{"cells_used", &LayerUse::cells_used},
    std::pair{"converters", &LayerUse::converters}, std::pair{"row_drivers", &LayerUse::row_drivers},
    std::pair{"adc_bits", &LayerUse::adc_bits}, std::pair{"dac_bits", &LayerUse::dac_bits},
    std::pair{"array_energy_error", &LayerUse::array_energy_error},
    std::pair{"windows_per_sample", &LayerUse::windows_per_sample},
    std::pair{"cycles_per_window", &LayerUse::cycles_per_window}, std::pair{"t_read", &LayerUse::t_read},
    std::pair{"conversions_per_converter", &LayerUse::conversions_per_converter});

template <class S, class Members>
Value write_members(const S& s, const Members& members) {
  Value out = Value::object();
  std::apply([&](const auto&... m) { ((out[m.first] = s.*(m.second)), ...); }, members);
  return out;
}

template <class S, class Member>
void read_member(S& s, const Member& m, const Value& value) {
  const auto it = value.find(m.first);
  core::require(it != value.end(), core::ErrorKind::value,
                {.rule = "what a layer did is incomplete",
                 .name = std::string("use.") + m.first,
                 .value = "",
                 .unit = "",
                 .allowed = "",
                 .remedy = "pass what Layer.use returned"});
  s.*(m.second) = core::read<std::remove_reference_t<decltype(s.*(m.second))>>(*it, std::string("use.") + m.first);
}

template <class S, class Members>
S read_members(const Value& value, const Members& members) {
  S out{};
  std::apply([&](const auto&... m) { (read_member(out, m, value), ...); }, members);
  return out;
}

}  // namespace

Value to_value(const Activity& activity) { return write_members(activity, activity_members); }

Value to_value(const LayerUse& use) {
  Value out = write_members(use, use_members);
  out["activity"] = to_value(use.activity);
  return out;
}

LayerUse to_use(const Value& value) {
  LayerUse use = read_members<LayerUse>(value, use_members);
  core::require(value.contains("activity"), core::ErrorKind::value,
                {.rule = "what a layer did is incomplete",
                 .name = "use.activity",
                 .value = "",
                 .unit = "",
                 .allowed = "",
                 .remedy = "pass what Layer.use returned"});
  use.activity = read_members<Activity>(value.at("activity"), activity_members);
  return use;
}

}  // namespace wordline::bindings
