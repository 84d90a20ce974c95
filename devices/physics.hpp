#pragma once

#include <span>
#include <vector>

#include "devices/cell.hpp"

/// Physics that several cell models share.
namespace wordline::devices {

inline constexpr double k_boltzmann = 1.380649e-23;    ///< J/K, exact (SI 2019)
inline constexpr double q_electron = 1.602176634e-19;  ///< C, exact (SI 2019)

/// sum_i c[i] x^i; 0 without coefficients.
double polynomial(std::span<const double> c, double x);

/// exp(Ea/k (1/T_ref - 1/T)): how much faster a process of activation energy `Ea` (eV) runs at `temperature` (K)
/// than at reference_temperature.
double arrhenius(double Ea, double temperature);

/// Refuses a temperature that is not positive.
void check_temperature(double temperature);

/// Refuses a number that is negative or not finite.
void check_not_negative(const char* name, double value, const char* unit);

/// A read noise of no variance for `size` cells.
ReadNoise silence(std::size_t size);

/// Johnson-Nyquist noise: a0 += 4 k T G B with B = 1/(2 t_read).
void add_thermal_noise(std::span<const double> G, const ReadConditions& read, ReadNoise& noise);

/// Shot noise of the current at v_read: a1 += 2 q (I/V) B, so that a1 |V| is 2 q |I| B. At zero bias only thermal
/// noise remains, as it must.
void add_shot_noise(const Cell& cell, std::span<const double> G, const ReadConditions& read, ReadNoise& noise);

}  // namespace wordline::devices
