#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/value.hpp"

namespace wordline::cost {

/// The layer of lines that belong to all layers together (tiles, routers, leakage).
inline constexpr std::string_view shared_layer = "(all layers)";
/// The component of leakage lines: the action names what leaks, the count is seconds, the unit energy J/s.
inline constexpr std::string_view leakage_component = "leakage";

/// One line of the ledger. It carries both views: measured activity (count x unit_energy) and rated power (instances x
/// unit_power, the published full-load figure, never added to the energy).
struct Line {
  std::string layer{}, component{}, action{};
  double count = 0.0;           ///< actions per sample
  double unit_energy = 0.0;     ///< J per action
  double energy = 0.0;          ///< J per sample
  double standard_error = 0.0;  ///< J, of `energy`; 0: exact
  double instances = 0.0;       ///< physical units
  double unit_area = 0.0;       ///< m^2
  double area = 0.0;            ///< m^2
  double unit_power = 0.0;      ///< W, rated
  double rated_power = 0.0;     ///< W
  std::string formula{};        ///< how the unit energy came about, or why there is none
  std::string source{};         ///< of the numbers in it
  std::string basis{};          ///< published, measured, fit or assumed: the weakest of them
  double node_scaling = 1.0;    ///< factor for a change of process node; 1: priced at its own node
};

/// Size and timing of one layer.
struct LayerSummary {
  std::string layer;
  std::int64_t arrays = 0;
  double cells_used = 0.0, cells = 0.0;
  double macs = 0.0;        ///< per sample
  double windows = 0.0;     ///< per sample, one after the other
  double cycles = 0.0;      ///< array reads per window
  double cycle_time = 0.0;  ///< s, the longer of the array read and its conversions
  double latency = 0.0;     ///< s per sample: windows x cycles x cycle_time
  std::string bound;        ///< "array read" or "conversion": what the cycle waits for
};

/// What one component, or one layer, adds up to.
struct Share {
  std::string name;
  double energy = 0.0;       ///< J per sample
  double area = 0.0;         ///< m^2
  double rated_power = 0.0;  ///< W
};

/// Where the activity comes from.
enum class ActivityOf { run, calibration };

/// Energy, area and latency of one inference. Every total is a sum over `lines` or `layers`; nothing is stored twice.
struct Ledger {
  std::string technology, technology_source;
  ActivityOf activity_of = ActivityOf::run;
  std::vector<Line> lines;
  std::vector<LayerSummary> layers;

  double energy() const;                    ///< J per sample, measured activity
  double standard_error() const;            ///< J, of energy(); layers are independent
  double area() const;                      ///< m^2
  double rated_power() const;               ///< W, all instances at full load
  double leakage_power() const;             ///< W
  double latency() const;                   ///< s, layers one after the other
  double pipelined_period() const;          ///< s between samples when the layers work in a pipeline: the slowest layer
  double utilisation() const;               ///< cells used / cells
  double macs() const;                      ///< per sample
  double operations() const;                ///< per sample; 1 MAC = 2 operations
  std::vector<Share> by_component() const;  ///< in the order of the lines
  std::vector<Share> by_layer() const;

  /// The tree that Python and JSON show; every key with a unit ends in it (energy_j, area_m2).
  core::Value to_value() const;
};

}  // namespace wordline::cost
