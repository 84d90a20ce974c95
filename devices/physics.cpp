#include "devices/physics.hpp"

#include <cmath>

#include "core/error.hpp"

namespace wordline::devices {
namespace {

void check_positive(const char* name, double value, const char* unit) {
  core::require(value > 0.0 && std::isfinite(value), core::ErrorKind::value,
                {.rule = "must be positive",
                 .name = name,
                 .value = core::number(value),
                 .unit = unit,
                 .allowed = "(0, inf)",
                 .remedy = ""});
}

double bandwidth(const ReadConditions& read) {
  check_positive("t_read", read.t_read, "s");
  return 1.0 / (2.0 * read.t_read);
}

}  // namespace

double polynomial(std::span<const double> c, double x) {
  double sum = 0.0;
  for (std::size_t i = c.size(); i-- > 0;) sum = sum * x + c[i];
  return sum;
}

void check_not_negative(const char* name, double value, const char* unit) {
  core::require(value >= 0.0 && std::isfinite(value), core::ErrorKind::value,
                {.rule = "must not be negative",
                 .name = name,
                 .value = core::number(value),
                 .unit = unit,
                 .allowed = "[0, inf)",
                 .remedy = ""});
}

void check_temperature(double temperature) { check_positive("temperature", temperature, "K"); }

double arrhenius(double Ea, double temperature) {
  check_temperature(temperature);
  return std::exp(Ea * q_electron / k_boltzmann * (1.0 / reference_temperature - 1.0 / temperature));
}

ReadNoise silence(std::size_t size) {
  return {.a0 = std::vector<double>(size), .a1 = std::vector<double>(size), .a2 = std::vector<double>(size)};
}

void add_thermal_noise(std::span<const double> G, const ReadConditions& read, ReadNoise& noise) {
  check_temperature(read.temperature);
  const double scale = 4.0 * k_boltzmann * read.temperature * bandwidth(read);
  for (std::size_t k = 0; k < G.size(); ++k) noise.a0[k] += scale * G[k];
}

void add_shot_noise(const Cell& cell, std::span<const double> G, const ReadConditions& read, ReadNoise& noise) {
  check_positive("v_read", read.v_read, "V");
  std::vector<double> I(G.size());
  cell.current(G, read.v_read, I);
  const double scale = 2.0 * q_electron * bandwidth(read) / read.v_read;
  for (std::size_t k = 0; k < G.size(); ++k) noise.a1[k] += scale * I[k];
}

}  // namespace wordline::devices
