#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/random.hpp"
#include "core/value.hpp"

namespace wordline::devices {

/// The temperature at which published statistics hold and at which time counts as it passes (K).
inline constexpr double reference_temperature = 300.0;

/// The conductances a cell can be asked for: nominal, at zero bias, with everything in series or parallel that
/// belongs to the cell (access device, leakage). Targets are G_min + level (G_max - G_min)/(levels - 1).
struct Window {
  double G_min = 0.0;       ///< S, the high-resistance state (HRS)
  double G_max = 0.0;       ///< S, the low-resistance state (LRS)
  std::int64_t levels = 0;  ///< number of distinct targets, evenly spaced; 0 = continuous, 2 = binary
};

/// A cell whose fabrication left it in one state for ever.
enum class Stuck : std::uint8_t { no = 0, lrs = 1, hrs = 2 };

/// Time since programming, as a cell feels it.
struct Ageing {
  double seconds = 0.0;        ///< s since programming, at `temperature`
  double temperature = 300.0;  ///< K
  double reads = 0.0;          ///< read pulses each cell has seen since programming (for read disturb)
  bool extrapolate = false;    ///< accept times outside the fitted range of a model
  double v_read = 0.2;         ///< V, of those read pulses
  double t_read = 100e-9;      ///< s, length of one read pulse
};

/// Which parts of an Ageing a model has an answer to. "Nothing changes" counts as one where the model's page claims
/// it; a model that is merely silent has none, and then asking is refused instead of being without effect.
struct AgeingInputs {
  bool time = false;         ///< age after programming
  bool temperature = false;  ///< other than reference_temperature
  bool reads = false;        ///< read disturb
};

/// How cells are read; noise depends on it.
struct ReadConditions {
  double v_read = 0.2;         ///< V
  double t_read = 100e-9;      ///< s; noise bandwidth is 1/(2 t_read)
  double temperature = 300.0;  ///< K
  double t_inference = 1e-3;   ///< s; noise slower than this is frozen per read epoch (definitions: 1/f split)
};

/// The cells of one array (or any other set), struct of arrays. `id` names each cell by its logical weight
/// coordinates, so that two designs can be compared on the same cells; every random draw of a cell is a function of
/// (stream identity, id), never of order.
struct CellArray {
  core::StreamId chip;  ///< seed, chip, layer; models set `purpose`
  std::vector<std::uint64_t> id;
  std::vector<double> target;  ///< S, inside the window
  std::vector<double> G;       ///< S, the conductance now
  std::vector<Stuck> stuck;
  double pulses = 0.0;      ///< programming pulses spent on all cells
  double energy = 0.0;      ///< J spent on programming; 0 where the model's source gives none
  std::uint32_t write = 0;  ///< which programming this is: 0 the first; another number draws new write errors
  bool is_fresh = false;    ///< kept by models that are slow to program: G is the state as programmed
  std::vector<double> xi;   ///< kept by models from program to age, which needs it again: a normal of this programming
  std::uint32_t xi_write = 0;  ///< the `write` that xi belongs to

  std::size_t size() const { return id.size(); }
};

/// Fast read noise of each cell: var(I) = a0 + a1 |V| + a2 V^2  (A^2, A^2/V, A^2/V^2); see docs/methods.
struct ReadNoise {
  std::vector<double> a0, a1, a2;
};

/// A memory cell model: stateless and immutable, one indirect call per array, the loop over cells inside. The order
/// of calls is fabricate, program, then any of age, epoch, read_noise and current. Functions are pure: the same
/// CellArray and arguments give the same result on any thread.
class Cell {
 public:
  virtual ~Cell() = default;

  /// The model's word in settings, for errors.
  virtual std::string_view name() const = 0;

  virtual Window window() const = 0;

  /// Draws what fabrication fixes: stuck cells. Called once per chip, before program.
  virtual void fabricate(CellArray& cells) const;

  /// Sets G from target, with device-to-device and write errors; stuck cells keep their state. Refuses targets
  /// outside the window. `pulses` and `energy` are those of this programming.
  virtual void program(CellArray& cells) const = 0;

  /// Sets G to its value `ageing` after programming (not incremental: the same latent draws give one continuous
  /// trajectory). Begins with check_ageing. Default: that check, and nothing changes. Throws Error(value) outside the
  /// fitted range.
  virtual void age(CellArray& cells, const Ageing& ageing) const;
  virtual AgeingInputs models() const { return {}; }

  /// Seconds at reference_temperature that age a cell as much as one second at `temperature` (K) does: what turns
  /// several intervals into one Ageing. Default: 1, since nothing changes with time. Throws Error(value) where the
  /// model does not know.
  virtual double acceleration(double temperature) const;

  /// Adds to G the slow noise frozen for one read epoch (RTN, low band of 1/f). Default: none.
  virtual void epoch(CellArray& cells, std::int64_t epoch, const ReadConditions& read, const Ageing& ageing) const;
  virtual bool has_slow_noise() const { return false; }

  /// Fast noise of every cell. Default: none.
  virtual ReadNoise read_noise(const CellArray& cells, const ReadConditions& read) const;
  virtual bool has_read_noise() const { return false; }

  /// Current (A) of every cell at one voltage V >= 0, without wires but with the access device:
  /// out[k] = I_k(V). I(-V) = -I(V). Default: out[k] = G[k] V.
  virtual void current(std::span<const double> G, double V, std::span<double> out) const;
  virtual bool is_linear() const { return true; }

  /// Currents (A) and slopes dI/dV (S) of cells at voltages of their own, for arrays whose lines have resistance:
  /// V[k * n + d], d = 0 ... n - 1, belongs to cell k, n = V.size() / G.size(). Odd in V; above the largest voltage of
  /// `current` it goes on straight, so that a solver may pass there. Default: I = G V.
  virtual void curve(std::span<const double> G, std::span<const double> V, std::span<double> I,
                     std::span<double> slope) const;
  /// Whether the model has a curve() of its own; else its current() is tabulated. Linear cells have.
  virtual bool has_curve() const { return is_linear(); }

  /// Whether several threads may call at once. If not, arrays are worked on in their order by the calling thread.
  virtual bool is_concurrent() const { return true; }
};

/// Refuses what `cell` has no answer to (an age, a temperature other than reference_temperature, reads), naming the
/// model, and numbers that are negative or not finite. Every age() begins with it.
void check_ageing(const Cell& cell, const Ageing& ageing);

/// Four standard normals of cell `id`, draw number `draw` (0, 1, ...) in `stream`.
std::array<double, 4> cell_normals(const core::Stream& stream, std::uint64_t id, std::uint32_t draw = 0);
std::array<double, 4> cell_uniforms(const core::Stream& stream, std::uint64_t id, std::uint32_t draw = 0);
/// The first normal or uniform of every cell, and all four normals of every cell, [cell][4].
std::vector<double> first_normals(const CellArray& cells, std::string_view purpose, std::uint32_t draw = 0);
std::vector<double> first_uniforms(const CellArray& cells, std::string_view purpose, std::uint32_t draw = 0);
std::vector<double> all_normals(const CellArray& cells, std::string_view purpose, std::uint32_t draw = 0);
/// The stream of one purpose for a set of cells.
core::Stream cell_stream(const CellArray& cells, std::string_view purpose);

/// Refuses a window whose ends are not in order.
void check_window(double g_min, double g_max);
/// How every program() starts: refuses targets outside `window`, sizes G and stuck, clears pulses, energy and what was
/// kept of another programming.
void prepare(CellArray& cells, const Window& window);
/// Marks each cell stuck with the two probabilities (purpose "stuck").
void draw_stuck(CellArray& cells, double stuck_lrs, double stuck_hrs);
/// Refuses two probabilities whose sum is above 1.
void check_stuck(double stuck_lrs, double stuck_hrs);
/// Puts stuck cells at the ends of `window`.
void hold_stuck(CellArray& cells, const Window& window);

}  // namespace wordline::devices
