#include "crossbar/transfer.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "core/random.hpp"
#include "crossbar/reference_adc.hpp"
#include "tests/catch.hpp"

using namespace wordline;
using namespace wordline::crossbar;

namespace {

constexpr AdcKind all_kinds[] = {AdcKind::uniform, AdcKind::sar,      AdcKind::ramp,
                                 AdcKind::flash,   AdcKind::pipeline, AdcKind::cyclic};

// The draws of one converter. The reference asks for the same ones again and again, so they are kept.
std::function<double(std::uint32_t)> draws(std::uint32_t converter) {
  const core::Stream stream({.seed = 11, .chip = 0, .layer = 0, .tile = 0, .purpose = "adc"});
  std::vector<double> kept;
  for (std::uint32_t quad = 0; quad < 640; ++quad)
    for (const double z : stream.normals({converter, quad, 0, 0})) kept.push_back(z);
  return [kept](std::uint32_t i) { return kept.at(i); };
}

// Errors that a kind has, so large that codes go missing or step back.
AdcSpec with_errors(AdcKind kind, std::int64_t bits, double size) {
  AdcSpec spec{.bits = bits, .kind = kind};
  if (kind == AdcKind::uniform) {
    spec.inl = 2.0 * size;
    spec.dnl = size;
    for (std::int64_t k = 1; k < std::int64_t{1} << bits; ++k)
      spec.inl_table.push_back(size * std::sin(static_cast<double>(k)));
    return spec;
  }
  spec.mismatch = 0.2 * size;
  spec.comparator_offset = size;
  if (kind == AdcKind::pipeline || kind == AdcKind::cyclic) spec.amplifier_gain = 20.0 / size;
  return spec;
}

// Inputs at which a table and an algorithm may disagree: closer to an edge than edges are kept, 1/8192 LSB.
bool near_edge(const Transfer& transfer, double x) {
  const auto above = std::upper_bound(transfer.edge.begin(), transfer.edge.end(), static_cast<float>(x));
  const auto close = [x](float edge) { return std::abs(x - static_cast<double>(edge)) < 1e-3; };
  return (above != transfer.edge.end() && close(*above)) ||
         (above != transfer.edge.begin() && close(*std::prev(above)));
}

double edge_of_code(const Transfer& transfer, double code) {
  for (std::size_t i = 1; i < transfer.code.size(); ++i)
    if (static_cast<double>(transfer.code[i]) == code) return static_cast<double>(transfer.edge[i - 1]);
  FAIL("code " << code << " is missing");
  return 0.0;
}

struct Moments {
  double mean = 0.0, variance = 0.0;
};

template <class Of>
Moments over_converters(int n, const AdcSpec& spec, const Of& of) {
  Moments m;
  const double high = std::ldexp(1.0, static_cast<int>(*spec.bits)) - 1.0;
  for (int i = 0; i < n; ++i) {
    const double x = of(make_transfer(spec, 0, high, draws(static_cast<std::uint32_t>(i))));
    m.mean += x / n;
    m.variance += x * x / n;
  }
  m.variance -= m.mean * m.mean;
  return m;
}

// Four standard errors of the variance of n normal numbers.
double bound(int n, double variance) { return 4.0 * variance * std::sqrt(2.0 / n); }

}  // namespace

TEST_CASE("tabulated converters give the codes of their algorithms") {
  for (const AdcKind kind : all_kinds)
    for (const std::int64_t bits : {1, 2, 3, 6, 8})
      for (const double size : {0.02, 0.3, 1.0})
        for (const std::uint32_t seed : {1U, 2U, 3U})
          for (const bool two_sided : {false, true}) {
            const AdcSpec spec = with_errors(kind, bits, size);
            const auto normal = draws(seed);
            const double codes = std::ldexp(1.0, static_cast<int>(bits)), low = two_sided ? -codes / 2 : 0.0;
            const Transfer transfer = make_transfer(spec, low, low + codes - 1, normal);
            std::mt19937 random(seed);
            std::uniform_real_distribution<double> anywhere(low - 0.2 * codes - 2, low + 1.2 * codes + 2);
            INFO(core::write(kind).dump() << " bits " << bits << " size " << size << " seed " << seed);
            int compared = 0;
            for (int i = 0; i < 150; ++i) {
              const double x = i < 50 ? low - 2 + (codes + 4) * i / 50 : anywhere(random);
              if (near_edge(transfer, x)) continue;
              ++compared;
              REQUIRE(static_cast<double>(transfer(static_cast<float>(x))) ==
                      reference::adc_code(spec, low, x, normal));
            }
            REQUIRE(compared > 100);
          }
}

TEST_CASE("every edge of a tabulated converter is where its algorithm changes its mind") {
  for (const AdcKind kind : all_kinds) {
    const AdcSpec spec = with_errors(kind, 5, 0.4);
    const auto normal = draws(4);
    const Transfer transfer = make_transfer(spec, -16, 15, normal);
    REQUIRE(std::is_sorted(transfer.edge.begin(), transfer.edge.end()));
    for (std::size_t i = 0; i < transfer.edge.size(); ++i) {
      const double edge = static_cast<double>(transfer.edge[i]);
      const bool alone = (i == 0 || edge - static_cast<double>(transfer.edge[i - 1]) > 3e-4) &&
                         (i + 1 == transfer.edge.size() || static_cast<double>(transfer.edge[i + 1]) - edge > 3e-4);
      if (!alone) continue;
      CHECK(reference::adc_code(spec, -16, edge - 1e-4, normal) == static_cast<double>(transfer.code[i]));
      CHECK(reference::adc_code(spec, -16, edge + 1e-4, normal) == static_cast<double>(transfer.code[i + 1]));
    }
  }
}

TEST_CASE("converters without errors round to the nearest code") {
  for (const AdcKind kind : all_kinds)
    for (const std::int64_t bits : {1, 2, 5, 8, 12}) {
      const AdcSpec spec{.bits = bits, .kind = kind};
      CHECK_FALSE(has_transfer(spec));
      const double codes = std::ldexp(1.0, static_cast<int>(bits)), low = -codes / 2;
      const Transfer transfer = make_transfer(spec, low, -low - 1, [](std::uint32_t) { return 1.5; });
      REQUIRE(std::ssize(transfer.code) == static_cast<std::int64_t>(codes));
      for (std::size_t k = 0; k < transfer.edge.size(); ++k)
        REQUIRE(static_cast<double>(transfer.edge[k]) == low + static_cast<double>(k) + 0.5);
      for (std::size_t k = 0; k < transfer.code.size(); ++k)
        REQUIRE(static_cast<double>(transfer.code[k]) == low + static_cast<double>(k));
    }
}

TEST_CASE("every error of a kind makes a table of its own") {
  CHECK(has_transfer({.bits = 4, .inl = 0.1}));
  CHECK(has_transfer({.bits = 4, .dnl = 0.1}));
  CHECK(has_transfer({.bits = 1, .inl_table = {0.1}}));
  CHECK(has_transfer({.bits = 4, .kind = AdcKind::sar, .mismatch = 0.1}));
  CHECK(has_transfer({.bits = 4, .kind = AdcKind::flash, .comparator_offset = 0.1}));
  CHECK(has_transfer({.bits = 4, .kind = AdcKind::cyclic, .amplifier_gain = 1000.0}));
  CHECK_FALSE(has_transfer({.bits = 4, .offset = 1.0, .gain = 0.1, .noise = 1.0}));
}

TEST_CASE("the errors of a uniform converter keep its first and last edge") {
  const AdcSpec spec{.bits = 6, .inl = 1.5, .dnl = 0.2};
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    const Transfer t = make_transfer(spec, 0, 63, draws(seed));
    CHECK(static_cast<double>(t.edge.front()) == Approx(0.5).margin(1e-4));
    CHECK(static_cast<double>(t.edge.back()) == Approx(62.5).margin(1e-4));
  }
  const int n = 2000;
  const auto middle = [](const Transfer& t) { return edge_of_code(t, 32) - 31.5; };
  // The bow peaks at the middle edge of an odd number of edges.
  CHECK(over_converters(n, {.bits = 6, .inl = 1.5}, middle).variance == Approx(2.25).margin(bound(n, 2.25)));
  // Width errors that add up to nothing: 62 of them, of which 31 lie below the middle edge.
  const double bridge = 0.01 * 31.0 * 31.0 / 62.0;
  CHECK(over_converters(n, {.bits = 6, .dnl = 0.1}, middle).variance == Approx(bridge).margin(bound(n, bridge)));
}

TEST_CASE("a measured table shifts the edges and makes codes missing") {
  std::vector<double> shifts(15, 0.0);
  shifts[4] = 0.25;
  shifts[9] = 1.5;
  const Transfer t = make_transfer({.bits = 4, .inl_table = shifts}, 0, 15, draws(0));
  CHECK(t(4.6F) == 4.0F);
  CHECK(t(4.8F) == 5.0F);
  // The edge to code 10 lies above the edge to code 11: from 10.5 to 11 one comparator of the two has fired.
  CHECK(t(10.4F) == 9.0F);
  CHECK(t(10.6F) == 10.0F);
  CHECK(t(11.1F) == 11.0F);
}

TEST_CASE("the middle step of a binary-weighted converter has the spread of all its capacitors") {
  // First order in the capacitors: step = 2^b (C_(b-1) - sum of the smaller ones) / C_total.
  const int n = 2000;
  const double m = 0.01, top = 128.0, share = 1.0 / 256.0;
  const double expected =
      m * m * (top * (1 - share) * (1 - share) + (top - 1) * (1 + share) * (1 + share) + share * share);
  const Moments step = over_converters(n, {.bits = 8, .kind = AdcKind::sar, .mismatch = m}, [](const Transfer& t) {
    return edge_of_code(t, 128) - edge_of_code(t, 127) - 1.0;
  });
  CHECK(std::abs(step.mean) < 4 * std::sqrt(expected / n));
  CHECK(step.variance == Approx(expected).margin(bound(n, expected)));
}

TEST_CASE("a comparator shifts all codes of the converters that have one") {
  const int n = 2000;
  for (const AdcKind kind : {AdcKind::sar, AdcKind::ramp}) {
    const AdcSpec spec{.bits = 5, .kind = kind, .comparator_offset = 0.7};
    const auto edge = [](const Transfer& t) { return edge_of_code(t, 20) - 19.5; };
    const auto width = [](const Transfer& t) { return edge_of_code(t, 20) - edge_of_code(t, 3) - 17.0; };
    CHECK(over_converters(n, spec, edge).variance == Approx(0.49).margin(bound(n, 0.49)));
    CHECK(over_converters(n, spec, width).variance < 1e-8);
  }
}

TEST_CASE("the error of a ramp grows with the square root of its steps") {
  const int n = 2000;
  const AdcSpec spec{.bits = 7, .kind = AdcKind::ramp, .mismatch = 0.02};
  for (const double code : {1.0, 16.0, 127.0}) {
    const double expected = 0.0004 * code;
    const Moments m = over_converters(n, spec, [&](const Transfer& t) { return edge_of_code(t, code) - (code - 0.5); });
    CHECK(m.variance == Approx(expected).margin(bound(n, expected)));
    CHECK(std::abs(m.mean) < 4 * std::sqrt(expected / n));
  }
}

TEST_CASE("flash: independent comparators and a ladder tied at both ends") {
  const int n = 2000;
  const auto first = [](const Transfer& t) { return edge_of_code(t, 1) - 0.5; };
  const auto middle = [](const Transfer& t) { return edge_of_code(t, 8) - 7.5; };
  const auto apart = [](const Transfer& t) { return edge_of_code(t, 9) - edge_of_code(t, 8) - 1.0; };
  const AdcSpec comparators{.bits = 4, .kind = AdcKind::flash, .comparator_offset = 0.1};
  CHECK(over_converters(n, comparators, first).variance == Approx(0.01).margin(bound(n, 0.01)));
  CHECK(over_converters(n, comparators, apart).variance == Approx(0.02).margin(bound(n, 0.02)));
  const AdcSpec ladder{.bits = 4, .kind = AdcKind::flash, .mismatch = 0.05};
  // Tap k of N: variance m^2 k (N - k) / N.
  CHECK(over_converters(n, ladder, middle).variance == Approx(0.01).margin(bound(n, 0.01)));
}

TEST_CASE("redundancy of a pipeline forgives comparators up to a quarter of full scale, but no gain error") {
  // 8 bits: a quarter of the reference is 32 LSB. The last comparison has no redundancy after it.
  for (const AdcKind kind : {AdcKind::pipeline, AdcKind::cyclic}) {
    const std::uint32_t last = kind == AdcKind::cyclic ? 4 : 28;
    const auto normal = [&](std::uint32_t i) { return i == last ? 0.0 : (i % 3 == 0 ? 0.9 : -0.9); };
    const Transfer t = make_transfer({.bits = 8, .kind = kind, .comparator_offset = 32.0}, 0, 255, normal);
    for (int code = 0; code < 256; ++code) REQUIRE(t(static_cast<float>(code)) == static_cast<float>(code));
    const Transfer weak = make_transfer({.bits = 8, .kind = kind, .amplifier_gain = 50.0}, 0, 255, normal);
    int wrong = 0;
    for (int code = 0; code < 256; ++code) wrong += weak(static_cast<float>(code)) != static_cast<float>(code);
    CHECK(wrong > 64);
  }
}

TEST_CASE("a stage with finite amplifier gain has the gain of its closed loop") {
  // Three bits, two stages: below 1/4 the first one gives d = 0 and the second one compares G v with 1/4, so that its
  // edge lies at v = 1/(4 G); above, residues are G v - G/2. x = 4 (v + 1) - 1/2 with G = 2/(1 + 2/A).
  const double A = 20.0, G = 2.0 / (1.0 + 2.0 / A);
  const AdcSpec spec{.bits = 3, .kind = AdcKind::pipeline, .amplifier_gain = A};
  const Transfer t = make_transfer(spec, 0, 7, [](std::uint32_t) { return 0.0; });
  const auto x_of = [](double v) { return 4.0 * (v + 1.0) - 0.5; };
  const auto has_edge = [&](double x) {
    return std::any_of(t.edge.begin(), t.edge.end(),
                       [x](float e) { return std::abs(static_cast<double>(e) - x) < 1e-4; });
  };
  // d = 0, 0 and then the last comparison at G^2 v = 0.
  CHECK(has_edge(x_of(0.0)));
  // d = 0, 1: the last comparison at G (G v) - G/2 = 0 would be at v = 1/(2 G), which the first stage calls d = 1.
  CHECK_FALSE(has_edge(x_of(1.0 / (2.0 * G))));
  // d = 1, 0: G (G v - G/2) = 0 at v = 1/2. d = 1, 1: G (G v - G/2) = G/2 at v = 1/2 + 1/(2 G).
  CHECK(has_edge(x_of(0.5)));
  CHECK(has_edge(x_of(0.5 + 1.0 / (2.0 * G))));
}

TEST_CASE("an input that is no number still gives a code") {
  const Transfer t = make_transfer(with_errors(AdcKind::flash, 4, 0.5), 0, 15, draws(1));
  const float code = t(std::numeric_limits<float>::quiet_NaN());
  CHECK((code >= 0.0F && code <= 15.0F));
  CHECK(t(-std::numeric_limits<float>::infinity()) == 0.0F);
  CHECK(t(std::numeric_limits<float>::infinity()) == 15.0F);
}
