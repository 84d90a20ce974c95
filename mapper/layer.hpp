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
  ChipIdentity identity;
  devices::Ageing ageing;
  std::int64_t epoch = 0;  ///< read epoch that the tiles' slow noise belongs to
  std::vector<TileState> tiles;
  double pulses = 0.0;  ///< programming pulses
  double energy = 0.0;  ///< J of programming; 0 where the cell's source gives none
};

/// A weight matrix mapped onto arrays: the plan of a layer without any randomness.
class Layer {
 public:
  /// `weights` are inputs x outputs, row-major; `bias` is empty or one number per output, added digitally.
  Layer(std::string name, std::uint32_t index, const ChipSpec& chip, std::span<const float> weights,
        std::int64_t inputs, std::int64_t outputs, std::span<const float> bias);

  const std::string& name() const { return plan_.name; }
  const Plan& plan() const { return plan_; }

  /// Sets input and ADC ranges from samples. Throws Error(value) for no samples or non-finite numbers.
  void calibrate(const Samples& samples, const Unfold& unfold, const core::Execution& execution);
  bool needs_calibration() const;

  /// Programs this layer on one chip and ages it. A pure function of its arguments.
  ProgrammedLayer program(const ChipIdentity& identity, const devices::Ageing& ageing,
                          const core::Execution& execution) const;

  /// Runs samples through the arrays. `out` is [sample][window][output], or [sample][output][window] when
  /// `channels_first`. Adds what happened to `tally`.
  void run(const ProgrammedLayer& chip, const Samples& samples, const Unfold& unfold, bool channels_first,
           std::span<float> out, Tally& tally, const core::Execution& execution) const;

  /// What the layer asks of the hardware and what `tally` says it did, with the array energy on this chip: for pricing.
  cost::LayerUse use(const ProgrammedLayer& chip, const Tally& tally) const;

 private:
  Plan plan_;
};

}  // namespace wordline::mapper
