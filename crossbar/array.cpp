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

}  // namespace wordline::crossbar
