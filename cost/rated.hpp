#pragma once

#include <string>
#include <vector>

#include "core/value.hpp"
#include "cost/parts.hpp"
#include "cost/technology.hpp"

namespace wordline::cost {

/// One row of a technology's component table, as published: all units of one IMA, tile, router or chip.
struct RatedRow {
  Level level;
  std::string component;
  double units = 0.0;
  double power = 0.0;  ///< W
  double area = 0.0;   ///< m^2
  std::string source, basis;
};

/// Power (W) and area (m^2) of something.
struct Rating {
  double power = 0.0, area = 0.0;
};

/// The component table of a full chip and its sums; no network is involved.
struct RatedTable {
  std::vector<RatedRow> rows;
  Grouping grouping;

  Rating rows_of(Level level) const;  ///< sum of the rows of one level
  Rating ima() const;                 ///< one IMA with its arrays
  Rating tile_parts() const;          ///< parts of a tile outside its IMAs, with its share of the router
  Rating tile() const;
  Rating chip() const;  ///< all tiles and the links to other chips

  core::Value to_value() const;
};

RatedTable rated_table(const Technology& technology);

}  // namespace wordline::cost
