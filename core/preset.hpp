#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/embedded.hpp"
#include "core/spec.hpp"
#include "core/value.hpp"

/// Presets are data: a TOML file in which every number carries its unit, its source and how it is known.
///
///     [preset]
///     kind   = "cell"              # cell, chip or technology
///     model  = "reram"             # which spec the settings belong to
///     title  = "HfOx 1T1R of the NeuRRAM chip"
///     source = "Wan et al., Nature 608 (2022), doi:10.1038/s41586-022-04992-8"
///     [settings.g_max]
///     value  = 40e-6
///     unit   = "S"
///     source = "Extended Data Fig. 3d"
///     basis  = "published"         # published, measured, fit or assumed
///
/// A nested spec is a table of such numbers, [settings.flicker.t_r]; a list of specs is a list of tables,
/// [[settings.errors]] followed by [settings.errors.time], whose numbers have the path "errors[0].time".
namespace wordline::core {

/// One cited number (or word) of a preset.
struct PresetNumber {
  std::string path;  ///< dotted name of the setting: "adc.bits", "errors[0].time"
  Value value;
  std::string unit;    ///< SI unit, empty for words and pure numbers
  std::string source;  ///< figure, table or equation inside the preset's paper, or another paper
  std::string basis;   ///< published, measured, fit, assumed
};

struct Preset {
  std::string name, kind, model, title, source;
  std::vector<PresetNumber> numbers;
  Value settings;  ///< plain tree of the values, ready for core::read
};

/// Reads one preset. Throws Error(value) for bad TOML, a missing part or an unknown basis, naming `name`.
Preset parse_preset(std::string_view text, const std::string& name);

/// The preset called `name_or_path` among `files`, or the user's own file when it ends in ".toml". An unknown name
/// is refused with the list of known ones, an unreadable file with Error(io).
Preset find_preset(std::span<const EmbeddedFile> files, const std::string& name_or_path);

/// Throws Error(value) unless every number's unit is the one of the setting it belongs to: a number in uS that is read
/// as S would be wrong by a million, silently.
void check_units(const Preset& preset, const SpecInfo& spec);

/// All presets of `files`, by name.
std::vector<Preset> all_presets(std::span<const EmbeddedFile> files);

}  // namespace wordline::core
