#pragma once

#include <memory>

#include "core/spec.hpp"
#include "devices/registry.hpp"

/// The models the registry knows. Each is one .cpp without a header: a described spec, a class that is built from
/// it, and one of these functions.
namespace wordline::devices {

CellModel ideal_model();
CellModel gaussian_model();
CellModel reram_model();
CellModel sttmram_model();
CellModel table_model();

/// The registry entry of the cell class C with the settings S. Besides being described, S names itself:
/// `model_name` (the word in settings), `spec_name` (the Python class) and `help` (one line).
template <core::Described S, class C>
CellModel cell_model() {
  return {.name = S::model_name,
          .python_name = S::spec_name,
          .help = S::help,
          .describe = [] { return core::describe<S>(S::help); },
          .canonical = [](const core::Value& settings,
                          const std::string& path) { return core::write(core::read<S>(settings, path)); },
          .make = [](const core::Value& settings) -> std::unique_ptr<Cell> {
            return std::make_unique<C>(core::read<S>(settings, std::string(S::model_name)));
          }};
}

}  // namespace wordline::devices
