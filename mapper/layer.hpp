#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/parallel.hpp"
#include "cost/use.hpp"
#include "mapper/chip.hpp"
#include "mapper/inputs.hpp"
#include "mapper/plan.hpp"
#include "mapper/program.hpp"
#include "mapper/tally.hpp"
#include "mapper/unfold.hpp"

namespace wordline::mapper {

/// One layer's arrays on one chip, programmed. Immutable: running it never changes it.
struct ProgrammedLayer {
  Origin origin;
  std::int64_t epoch = 0;  ///< read epoch that the slow noise of `state` belongs to
  Banks state;
};

/// What the converters of a layer saw and gave for some samples: [vector][conversion][column].
struct Probe {
  std::int64_t vectors = 0, conversions = 0;
  std::vector<double> quantity;  ///< A at the converter's input, V for sensed voltages; read noise included
  std::vector<double> code;      ///< empty for ideal converters
  struct Label {
    std::int64_t read = 0, section = 0, row_tile = 0, output = 0, slice = 0, polarity = 0;
  };
  std::vector<Label> columns;  ///< reference columns have output -1
};

/// A weight matrix mapped onto arrays: the plan of a layer without any randomness.
class Layer {
 public:
  /// The product's numbers are copied. Throws Error(value) for what cannot be mapped.
  Layer(const Product& product, const ChipSpec& chip);

  const std::string& name() const { return plan_.name; }
  const Plan& plan() const { return plan_; }

  /// Sets input and ADC ranges from samples. Throws Error(value) for no samples or non-finite numbers.
  void calibrate(const Samples& samples, const Unfold& unfold, const core::Execution& execution);
  bool needs_calibration() const;
  /// The ranges as plain numbers, and a layer of the same product and chip with them set: no data needed.
  core::Value ranges() const;
  void set_ranges(const core::Value& ranges);

  /// Programs this layer on one chip and ages it. A pure function of its arguments.
  ProgrammedLayer program(const ChipIdentity& identity, const devices::Ageing& ageing,
                          const core::Execution& execution) const;
  /// The same chip with conductances (S) that were stored. Throws Error(value) for another number of cells.
  ProgrammedLayer restore(const ProgrammedLayer& chip, Conductances G, const core::Execution& execution) const;

  /// Runs samples through the arrays. `out` is [sample][window][output], or [sample][output][window] when
  /// `channels_first`. Adds what happened to `tally`.
  void run(const ProgrammedLayer& chip, const Samples& samples, const Unfold& unfold, bool channels_first,
           std::span<float> out, Tally& tally, const core::Execution& execution) const;

  /// The quantities and codes of every conversion, by the slow reference: for looking at some samples.
  Probe probe(const ProgrammedLayer& chip, const Samples& samples, const Unfold& unfold) const;

  /// What the layer asks of the hardware and what `tally` says it did, with the array energy on this chip: for pricing.
  cost::LayerUse use(const ProgrammedLayer& chip, const Tally& tally) const;

 private:
  ScaledInputs scaled(const ProgrammedLayer& chip, const Samples& samples, const Unfold& unfold) const;
  core::Stream read_stream(const ProgrammedLayer& chip) const;

  Plan plan_;
};

}  // namespace wordline::mapper
