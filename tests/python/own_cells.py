"""Cells written in Python that the tests of `wl.PythonCell` use; other processes import them."""

from typing import Any

import numpy as np
import wordline as wl

T_R = 1e-6  # s, of the 1/f noise


class Lognormal(wl.PythonCell):
    """The example of the documentation."""

    g_min: float = 1e-6
    g_max: float = 100e-6
    spread: float = 0.05

    def window(self) -> tuple[float, float]:
        return self.g_min, self.g_max

    def program(self, target: Any, draws: Any) -> Any:
        return target * np.exp(self.spread * draws.write[:, 0])


class Twin(wl.PythonCell):
    """Everything a cell can have, by the equations of docs/methods/devices_reram.md."""

    g_max: float = 100e-6
    sigma: list[float] = [1e-6, 4e-6]  # noqa: RUF012
    stuck_lrs: float = 0.02
    stuck_hrs: float = 0.03
    noise: float = 0.02
    amplitude: float = 1e-8
    nl2: float = 1e-5
    nl3: float = 1e-4

    def window(self) -> tuple[float, float, int]:
        return 0.0, self.g_max, 0

    def fabricate(self, uniform: Any) -> Any:
        u = uniform[:, 0]
        stuck = np.where(u < self.stuck_lrs + self.stuck_hrs, self.STUCK_HRS, 0)
        return np.where(u < self.stuck_lrs, self.STUCK_LRS, stuck)

    def program(self, target: Any, draws: Any) -> Any:
        G = np.maximum(0.0, target + self.sigma[0] * draws.write[:, 0])
        return G, 8.0 * len(target), 8.0 * len(target) * 1e-12

    def age(self, target: Any, draws: Any, ageing: Any) -> Any:
        if not 1.0 <= ageing.seconds <= 100.0 and not ageing.extrapolate:
            raise ValueError("1 to 100 s are known")
        start, end = self.sigma
        now = start + (end - start) * np.log(ageing.seconds) / np.log(100.0)
        more = np.sqrt(now**2 - start**2) * draws.relax[:, 0]
        return np.maximum(0.0, target + start * draws.write[:, 0] + more)

    def read_noise(self, G: Any, read: Any) -> Any:
        fast = self._band(read.t_inference) * self._per_band(G) ** 2
        return 0.0, 0.0, (self.noise * G) ** 2 + fast

    def epoch(self, G: Any, normals: Any, read: Any, ageing: Any) -> Any:
        slow = max(0.0, self._band(ageing.seconds) - self._band(read.t_inference)) ** 0.5
        return np.maximum(0.0, G + slow * self._per_band(G) * normals[:, 0])

    def current(self, G: Any, V: float) -> Any:
        g = np.clip(G, 1e-6, 100e-6)
        return G / g * (g * V + (self.nl2 + self.nl3 * V) * V**2)

    def _per_band(self, G: Any) -> Any:
        return self.amplitude * np.log10(np.maximum(G, 1e-6) / 1e-6)

    def _band(self, t: float) -> float:
        return max(0.0, float(np.log((t + T_R) / (2 * T_R))))


def reram() -> wl.ReRAM:
    """The ReRAM that `Twin()` is a twin of."""
    return wl.ReRAM(
        g_max=100e-6,
        error_scale=1e-6,
        errors=[{"time": 1.0, "sigma": [1e-6]}, {"time": 100.0, "sigma": [4e-6]}],
        stuck_lrs=0.02,
        stuck_hrs=0.03,
        read_noise=0.02,
        flicker={"amplitude": 1e-8, "g_unit": 1e-6, "t_r": T_R},
        thermal_noise=False,
        shot_noise=False,
        iv={"nl2": [1e-5], "nl3": [1e-4], "g_first": 1e-6, "g_last": 100e-6, "v_max": 0.5},
        write_pulses=8.0,
        write_energy=1e-12,
    )
