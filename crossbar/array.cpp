#include "crossbar/array.hpp"

namespace wordline::crossbar {

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
