#include "devices/cell.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "devices/physics.hpp"

namespace wordline::devices {
namespace {

using core::ErrorKind;
using core::number;

core::Event cell_event(std::uint64_t id, std::uint32_t draw) {
  return {static_cast<std::uint32_t>(id), static_cast<std::uint32_t>(id >> 32U), draw, 0U};
}

void check_targets(std::span<const double> targets, const Window& window) {
  const double slack = 1e-9 * window.G_max;  // targets are computed, so they may miss an end by rounding
  const double low = window.G_min - slack, high = window.G_max + slack;
  const auto outside =
      std::find_if_not(targets.begin(), targets.end(), [=](double t) { return t >= low && t <= high; });
  if (outside == targets.end()) return;  // millions of cells: no complaint is written for them
  core::require(false, ErrorKind::value,
                {.rule = "a target lies inside the cell's window",
                 .name = "target",
                 .value = number(*outside),
                 .unit = "S",
                 .allowed = "[" + number(window.G_min) + ", " + number(window.G_max) + "]",
                 .remedy = ""});
}

void require_answer(const Cell& cell, bool has_answer, const char* name, double value, const char* unit, double neutral,
                    const char* remedy) {
  core::require(has_answer || value == neutral, ErrorKind::value,
                {.rule = "the cell model " + std::string(cell.name()) + " does not say what this does to it",
                 .name = name,
                 .value = number(value),
                 .unit = unit,
                 .allowed = number(neutral),
                 .remedy = remedy});
}

}  // namespace

void check_ageing(const Cell& cell, const Ageing& ageing) {
  check_not_negative("age", ageing.seconds, "s");
  check_not_negative("reads", ageing.reads, "pulse");
  check_not_negative("t_read", ageing.t_read, "s");
  check_temperature(ageing.temperature);
  const AgeingInputs known = cell.models();
  require_answer(cell, known.time, "age", ageing.seconds, "s", 0.0,
                 "use a cell with data after programming: reram with errors or relaxation, table, sttmram, your own");
  require_answer(cell, known.temperature, "temperature", ageing.temperature, "K", reference_temperature,
                 "give the activation_energy of a reram or table cell, or use sttmram or your own");
  require_answer(cell, known.reads, "reads", ageing.reads, "pulse", 0.0,
                 "use a cell with read disturb: sttmram, or your own");
}

void Cell::fabricate(CellArray& cells) const { cells.stuck.assign(cells.size(), Stuck::no); }

void Cell::age(CellArray&, const Ageing& ageing) const { check_ageing(*this, ageing); }

double Cell::acceleration(double) const { return 1.0; }

void Cell::epoch(CellArray&, std::int64_t, const ReadConditions&, const Ageing&) const {}

ReadNoise Cell::read_noise(const CellArray& cells, const ReadConditions&) const { return silence(cells.size()); }

void Cell::curve(std::span<const double> G, std::span<const double> V, std::span<double> I,
                 std::span<double> slope) const {
  const std::size_t each = V.size() / std::max<std::size_t>(1, G.size());
  for (std::size_t k = 0; k < V.size(); ++k) {
    I[k] = G[k / each] * V[k];
    slope[k] = G[k / each];
  }
}

void Cell::current(std::span<const double> G, double V, std::span<double> out) const {
  for (std::size_t k = 0; k < G.size(); ++k) out[k] = G[k] * V;
}

std::array<double, 4> cell_normals(const core::Stream& stream, std::uint64_t id, std::uint32_t draw) {
  return stream.normals(cell_event(id, draw));
}

std::array<double, 4> cell_uniforms(const core::Stream& stream, std::uint64_t id, std::uint32_t draw) {
  return stream.uniforms(cell_event(id, draw));
}

std::vector<double> first_normals(const CellArray& cells, std::string_view purpose, std::uint32_t draw) {
  std::vector<double> out(cells.size());
  cell_stream(cells, purpose).normal(cells.id, draw, out);
  return out;
}

std::vector<double> first_uniforms(const CellArray& cells, std::string_view purpose, std::uint32_t draw) {
  std::vector<double> out(cells.size());
  cell_stream(cells, purpose).uniform(cells.id, draw, out);
  return out;
}

std::vector<double> all_normals(const CellArray& cells, std::string_view purpose, std::uint32_t draw) {
  std::vector<double> out(4 * cells.size());
  cell_stream(cells, purpose).normals(cells.id, draw, out);
  return out;
}

core::Stream cell_stream(const CellArray& cells, std::string_view purpose) {
  core::StreamId id = cells.chip;
  id.tile = 0;  // draws belong to weights: the same cell draws the same wherever it is placed
  id.purpose = purpose;
  return core::Stream(id);
}

void check_window(double g_min, double g_max) {
  core::require(g_min < g_max, ErrorKind::value,
                {.rule = "g_min lies below g_max",
                 .name = "g_min",
                 .value = number(g_min),
                 .unit = "S",
                 .allowed = "[0, " + number(g_max) + ")",
                 .remedy = ""});
}

void prepare(CellArray& cells, const Window& window) {
  core::require(cells.target.size() == cells.size(), ErrorKind::value,
                {.rule = "every cell has one target",
                 .name = "targets",
                 .value = std::to_string(cells.target.size()),
                 .unit = "",
                 .allowed = std::to_string(cells.size()),
                 .remedy = ""});
  check_targets(cells.target, window);
  if (cells.stuck.empty()) cells.stuck.assign(cells.size(), Stuck::no);
  cells.G.resize(cells.size());
  cells.pulses = cells.energy = 0.0;
  cells.is_fresh = false;
  cells.xi.clear();
}

void draw_stuck(CellArray& cells, double stuck_lrs, double stuck_hrs) {
  cells.stuck.assign(cells.size(), Stuck::no);
  if (stuck_lrs + stuck_hrs <= 0.0) return;
  const std::vector<double> u = first_uniforms(cells, "stuck");
  for (std::size_t k = 0; k < cells.size(); ++k)
    if (u[k] < stuck_lrs + stuck_hrs) cells.stuck[k] = u[k] < stuck_lrs ? Stuck::lrs : Stuck::hrs;
}

void check_stuck(double stuck_lrs, double stuck_hrs) {
  core::require(stuck_lrs + stuck_hrs <= 1.0, ErrorKind::value,
                {.rule = "stuck_lrs and stuck_hrs are probabilities of different faults: their sum is at most 1",
                 .name = "stuck_lrs + stuck_hrs",
                 .value = number(stuck_lrs + stuck_hrs),
                 .unit = "",
                 .allowed = "[0, 1]",
                 .remedy = ""});
}

void hold_stuck(CellArray& cells, const Window& window) {
  std::uint8_t any = 0;
  for (const Stuck s : cells.stuck) any |= static_cast<std::uint8_t>(s);
  if (any == 0) return;
  for (std::size_t k = 0; k < cells.size(); ++k)
    if (cells.stuck[k] != Stuck::no) cells.G[k] = cells.stuck[k] == Stuck::lrs ? window.G_max : window.G_min;
}

}  // namespace wordline::devices
