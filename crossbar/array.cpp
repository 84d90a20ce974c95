#include "crossbar/array.hpp"

namespace wordline::crossbar {

void WiresSpec::check() const {
  const auto refuse = [](const char* name, double ohm) {
    core::require(ohm == 0.0, core::ErrorKind::unsupported,
                  {.rule = "line resistance is not simulated in this version",
                   .name = std::string("array.wires.") + name,
                   .value = core::number(ohm),
                   .unit = "ohm",
                   .allowed = "0",
                   .remedy = "leave wires out to model ideal lines"});
  };
  refuse("row", row);
  refuse("col", col);
  refuse("driver", driver);
  refuse("sense", sense);
}

void ArraySpec::check() const {
  core::require(active_rows.value_or(rows) <= rows, core::ErrorKind::value,
                {.rule = "an array opens at most all of its rows",
                 .name = "array.active_rows",
                 .value = active_rows ? std::to_string(*active_rows) : "None",
                 .unit = "row",
                 .allowed = "[1, " + std::to_string(rows) + "]",
                 .remedy = "use None to open all rows at once"});
}

}  // namespace wordline::crossbar
