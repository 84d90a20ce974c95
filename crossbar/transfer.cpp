#include "crossbar/transfer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace wordline::crossbar {
namespace {

using Draw = std::function<double(std::uint32_t)>;

// Size of an element of nominal size 1. A normal draw can make it meaningless (negative); it then keeps a tenth.
double element(double sigma, double normal) { return std::max(0.1, 1.0 + sigma * normal); }

// A converter under construction, in LSB above the ideal place of code 0: code u is ideal for u - 1/2 <= x < u + 1/2.
struct Pieces {
  std::vector<double> edge, code;
};

// Codes that count up by one at every edge, in the order of their thresholds.
Pieces counting(std::vector<double> thresholds) {
  std::sort(thresholds.begin(), thresholds.end());
  Pieces out{.edge = std::move(thresholds), .code = {}};
  for (std::size_t u = 0; u <= out.edge.size(); ++u) out.code.push_back(static_cast<double>(u));
  return out;
}

// Widths with their errors, then the straight line taken away that moves the last edge; a bow; the table.
Pieces uniform(const AdcSpec& spec, std::int64_t edges, const Draw& normal) {
  std::vector<double> at(static_cast<std::size_t>(edges));
  double walk = 0.0;
  for (std::int64_t k = 0; k < edges; ++k) {
    if (k > 0 && spec.dnl > 0.0) walk += spec.dnl * normal(static_cast<std::uint32_t>(k));
    at[static_cast<std::size_t>(k)] = walk;
  }
  const double peak = spec.inl > 0.0 ? spec.inl * normal(0) : 0.0;
  for (std::int64_t k = 0; k < edges; ++k) {
    const auto i = static_cast<std::size_t>(k);
    const double t = edges > 1 ? static_cast<double>(k) / static_cast<double>(edges - 1) : 0.0;
    const double table = spec.inl_table.empty() ? 0.0 : spec.inl_table[i];
    at[i] += static_cast<double>(k) + 0.5 - t * walk + peak * 4.0 * t * (1.0 - t) + table;
  }
  return counting(std::move(at));
}

// Capacitors of 2^k units (draw k), a terminating unit (draw bits), one comparator (draw bits + 1).
struct Sar {
  std::int64_t bits;
  std::vector<double> weight;  // LSB that bit k switches
  double shift;                // of every comparison

  Sar(const AdcSpec& spec, const Draw& normal) : bits(*spec.bits) {
    double total = element(spec.mismatch, normal(static_cast<std::uint32_t>(bits)));
    for (std::int64_t k = 0; k < bits; ++k) {
      const double units = std::ldexp(1.0, static_cast<int>(k));
      weight.push_back(units * element(spec.mismatch / std::sqrt(units), normal(static_cast<std::uint32_t>(k))));
      total += weight.back();
    }
    for (double& w : weight) w *= std::ldexp(1.0, static_cast<int>(bits)) / total;
    shift = spec.comparator_offset * normal(static_cast<std::uint32_t>(bits + 1)) - 0.5;
  }

  // Every x of [low, high) has decided the bits above `bit` as in `code`, which switch `level`.
  void split(std::int64_t bit, double code, double level, double low, double high, Pieces& out) const {
    if (!(low < high)) return;
    if (bit < 0) {
      if (!out.code.empty()) out.edge.push_back(low);
      out.code.push_back(code);
      return;
    }
    const double tried = level + weight[static_cast<std::size_t>(bit)], threshold = tried + shift;
    split(bit - 1, code, level, low, std::min(high, threshold), out);
    split(bit - 1, code + std::ldexp(1.0, static_cast<int>(bit)), tried, std::max(low, threshold), high, out);
  }
};

constexpr double infinity = std::numeric_limits<double>::infinity();

Pieces sar(const AdcSpec& spec, const Draw& normal) {
  Pieces out;
  const Sar converter(spec, normal);
  converter.split(converter.bits - 1, 0.0, 0.0, -infinity, infinity, out);
  return out;
}

// One comparator (draw 0) and the steps of the ramp (draws 1, 2, ...).
Pieces ramp(const AdcSpec& spec, std::int64_t edges, const Draw& normal) {
  std::vector<double> at;
  double level = spec.comparator_offset * normal(0) - 0.5;
  for (std::int64_t k = 1; k <= edges; ++k) {
    level += element(spec.mismatch, normal(static_cast<std::uint32_t>(k)));
    at.push_back(level);
  }
  return counting(std::move(at));
}

// Resistors of the ladder (draws 0 .. edges), then the comparators.
Pieces flash(const AdcSpec& spec, std::int64_t edges, const Draw& normal) {
  std::vector<double> at;
  double sum = 0.0;
  for (std::int64_t k = 0; k <= edges; ++k) {
    sum += element(spec.mismatch, normal(static_cast<std::uint32_t>(k)));
    at.push_back(sum);
  }
  at.pop_back();
  const double full_scale = static_cast<double>(edges + 1);
  for (std::int64_t k = 0; k < edges; ++k) {
    double& tap = at[static_cast<std::size_t>(k)];
    const double offset = spec.comparator_offset * normal(static_cast<std::uint32_t>(edges + 1 + k));
    tap = tap * full_scale / sum - 0.5 + offset;
  }
  return counting(std::move(at));
}

// A stage compares the residue v (full scale -1 .. 1) with two levels and passes on gain v - back d, d = -1, 0 or 1.
struct Stage {
  double gain, back, lower, upper;
};

Stage make_stage(const AdcSpec& spec, double lsb, std::uint32_t first, const Draw& normal) {
  const double sampling = element(spec.mismatch, normal(first)), feedback = element(spec.mismatch, normal(first + 1));
  const double ratio = sampling / feedback;
  const double loop = spec.amplifier_gain ? 1.0 + (1.0 + ratio) / *spec.amplifier_gain : 1.0;
  const double offset = spec.comparator_offset * lsb;
  return {.gain = (1.0 + ratio) / loop,
          .back = ratio / loop,
          .lower = -0.25 + offset * normal(first + 2),
          .upper = 0.25 + offset * normal(first + 3)};
}

// Stages (four draws each; one stage with the same draws for every bit of a cyclic converter), then a comparison with
// zero.
struct Stages {
  std::vector<Stage> stage;
  double last;

  Stages(const AdcSpec& spec, const Draw& normal) {
    const bool same = spec.kind == AdcKind::cyclic;
    const std::int64_t count = *spec.bits - 1;
    const double lsb = std::ldexp(1.0, static_cast<int>(-count));
    for (std::int64_t i = 0; i < count; ++i)
      stage.push_back(make_stage(spec, lsb, same ? 0 : static_cast<std::uint32_t>(4 * i), normal));
    last = spec.comparator_offset * lsb * normal(same ? 4 : static_cast<std::uint32_t>(4 * count));
  }

  // Every v of [low, high) has taken the same decisions, which make `code`, and left the residue slope v + rest.
  void split(std::size_t i, double code, double slope, double rest, double low, double high, Pieces& out) const {
    if (!(low < high)) return;
    const auto place = [&](double level) { return std::clamp((level - rest) / slope, low, high); };
    if (i == stage.size()) {
      const double zero = place(last);
      leaf(code - 1.0, low, zero, out);
      leaf(code, zero, high, out);
      return;
    }
    const Stage& s = stage[i];
    const double worth = std::ldexp(1.0, static_cast<int>(stage.size() - 1 - i));
    const double first = place(std::min(s.lower, s.upper)), second = place(std::max(s.lower, s.upper));
    const double ends[4] = {low, first, second, high};
    for (int d = -1; d <= 1; ++d)
      split(i + 1, code + d * worth, s.gain * slope, s.gain * rest - s.back * d, ends[d + 1], ends[d + 2], out);
  }

  static void leaf(double code, double low, double high, Pieces& out) {
    if (!(low < high) || (!out.code.empty() && out.code.back() == code)) return;
    if (!out.code.empty()) out.edge.push_back(low);
    out.code.push_back(code);
  }
};

Pieces stages(const AdcSpec& spec, const Draw& normal) {
  Pieces out;
  const double half = std::ldexp(1.0, static_cast<int>(*spec.bits - 1));
  Stages(spec, normal).split(0, half, 1.0, 0.0, -infinity, infinity, out);
  for (double& v : out.edge) v = (v + 1.0) * half - 0.5;
  return out;
}

Pieces make_pieces(const AdcSpec& spec, const Draw& normal) {
  const std::int64_t edges = (std::int64_t{1} << *spec.bits) - 1;
  switch (spec.kind) {
    case AdcKind::uniform:
      return uniform(spec, edges, normal);
    case AdcKind::sar:
      return sar(spec, normal);
    case AdcKind::ramp:
      return ramp(spec, edges, normal);
    case AdcKind::flash:
      return flash(spec, edges, normal);
    default:
      return stages(spec, normal);
  }
}

}  // namespace

// Finer buckets where that leaves fewer edges in one and every place is still an integer of 32 bits.
Transfer::Transfer(std::vector<float> edges, std::vector<float> codes)
    : edge(std::move(edges)), code(std::move(codes)) {
  constexpr auto grid = static_cast<float>(places);
  for (float& x : edge) x = std::nearbyint(x * grid) / grid;
  guarded = edge;
  guarded.push_back(std::numeric_limits<float>::infinity());
  for (std::size_t i = 0; i < code.size(); ++i) counting = counting && code[i] == code[0] + static_cast<float>(i);
  fill_buckets(1.0F);
  const float reach = edge.empty() ? 0.0F : grid * std::max(std::abs(edge.front()), std::abs(edge.back()));
  constexpr float most_places = 0x1p30F;
  for (const float finer : {2.0F, 4.0F}) {
    const std::int32_t before = steps;
    const float coarser = density;
    if (steps > 1 && reach * finer < most_places) fill_buckets(finer);
    if (steps == before && density != coarser) fill_buckets(coarser);
  }
}

void Transfer::fill_buckets(float per_unit) {
  density = per_unit;
  bucket.clear();
  steps = 0;
  origin = edge.empty() ? 0.0F : std::floor(density * edge.front()) - 1.0F;
  const auto bucket_of = [&](float x) { return static_cast<std::int64_t>(std::floor(density * x) - origin); };
  const std::int64_t last = edge.empty() ? 0 : bucket_of(edge.back()) + 1;
  std::size_t next = 0;
  for (std::int64_t b = 0; b <= last; ++b) {
    const std::size_t first = next;
    while (next < edge.size() && bucket_of(edge[next]) == b) ++next;
    const float place = next > first ? density * edge[first] - std::floor(density * edge[first]) : 0.0F;
    const std::int32_t carry =
        next > first ? 2 * places - static_cast<std::int32_t>(place * static_cast<float>(places)) : 1;
    bucket.push_back(static_cast<std::int32_t>(first) * 2 * places + carry);
    steps = std::max(steps, static_cast<std::int32_t>(next - first));
  }
}

float Transfer::operator()(float x) const {
  return code[static_cast<std::size_t>(std::upper_bound(edge.begin(), edge.end(), x) - edge.begin())];
}

bool has_transfer(const AdcSpec& spec) {
  return spec.bits.has_value() && (spec.inl > 0.0 || spec.dnl > 0.0 || !spec.inl_table.empty() || spec.mismatch > 0.0 ||
                                   spec.comparator_offset > 0.0 || spec.amplifier_gain);
}

Transfer make_transfer(const AdcSpec& spec, double low, double high, const Draw& normal) {
  const Pieces pieces = make_pieces(spec, normal);
  std::vector<float> edges, codes;
  for (const double x : pieces.edge) edges.push_back(static_cast<float>(low + x));
  for (const double u : pieces.code) codes.push_back(static_cast<float>(std::min(low + u, high)));
  return {std::move(edges), std::move(codes)};
}

}  // namespace wordline::crossbar
