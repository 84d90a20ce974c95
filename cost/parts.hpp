#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cost/technology.hpp"
#include "cost/use.hpp"

namespace wordline::cost {

/// Where a part stands, hence who pays it. Parts of the arrays and of the IMAs belong to one layer; parts of tiles,
/// routers and chips are shared by all layers and paid once per tile, router or chip that is started.
enum class Level { array, ima, tile, router, chip };

/// The difference between the unit of the component table and the one a layer uses.
struct Scale {
  double energy = 1.0;  ///< factor on the energy of one action
  double power = 1.0;   ///< factor on the rated power of one unit
  double area = 1.0;    ///< factor on the area of one unit
  std::string text;     ///< how the factors came about; empty when all are 1
  std::string source;   ///< of the factors
  std::string basis = "published";
  bool absent = false;  ///< ideal: no hardware, nothing is priced
};

/// One kind of hardware: where it stands, how many a layer needs, which of the layer's actions it carries out.
struct Part {
  std::string_view path;  ///< setting of the technology: "adc"
  std::string_view name;  ///< as reports show it: "ADC"
  Level level;
  Component TechnologySpec::* component;
  std::string_view action;                                      ///< what is counted: "conversion"
  double (*count)(const core::Activity&);                       ///< total actions; null: none is counted
  double (*instances)(const LayerUse&, const TechnologySpec&);  ///< units of one layer; null above IMA level
  Scale (*scale)(const Technology&, const LayerUse&);           ///< null: the unit is the one of the table
};

/// All parts, in the order reports show them.
std::span<const Part> parts();

}  // namespace wordline::cost
