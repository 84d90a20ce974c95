// How much longer does a bit-serial multiply take with read noise, or when its converters have edges of their own,
// against none and even edges? One thread; the two alternate and the medians are compared.
#include "bench/bit_serial.hpp"
#include "bench/report.hpp"

using namespace wordline;
using namespace wordline::bench;
using crossbar::AdcKind;

namespace {

struct Question {
  const char* name;
  crossbar::AdcSpec spec;
  bool noise = false, even_noise = false;
  crossbar::Convert convert = crossbar::Convert::per_cycle;
  double decades = 0.5;
};

// One converter for every eight columns.
void set_converters(crossbar::Bank& bank, const crossbar::AdcSpec& spec) {
  if (!has_transfer(spec)) return;
  const core::Stream stream({.seed = 1, .chip = 0, .layer = 0, .tile = 0, .purpose = "adc"});
  const std::int64_t columns = bank.groups * crossbar::lanes;
  for (std::uint32_t converter = 0; converter < columns / 8; ++converter)
    bank.transfers.push_back(make_transfer(
        spec, -128, 127, [&](std::uint32_t draw) { return stream.normals({converter, draw / 4, 0, 0})[draw % 4]; }));
  for (std::int32_t column = 0; column < columns; ++column) bank.transfer.push_back(column / 8);
}

}  // namespace

int main() {
  const crossbar::Block block = make_block();
  const Question questions[] = {
      {"read noise", {.bits = 8}, true},
      {"read noise that 16 bits do not hold", {.bits = 8}, true, false, crossbar::Convert::per_cycle, 4.0},
      {"dnl 0.1 LSB", {.bits = 8, .dnl = 0.1}},
      {"inl 1 LSB, dnl 0.2 LSB", {.bits = 8, .inl = 1.0, .dnl = 0.2}},
      {"sar", {.bits = 8, .kind = AdcKind::sar, .mismatch = 0.02}},
      {"sar with read noise on both", {.bits = 8, .kind = AdcKind::sar, .mismatch = 0.02}, true, true},
      {"flash", {.bits = 8, .kind = AdcKind::flash, .mismatch = 0.02, .comparator_offset = 0.3}},
      {"pipeline", {.bits = 8, .kind = AdcKind::pipeline, .mismatch = 0.005, .comparator_offset = 4.0}},
      {"accumulated before the adc", {.bits = 8}, false, false, crossbar::Convert::accumulated},
  };
  for (const Question& q : questions) {
    const std::vector<crossbar::Bank> even = make_banks({.noise = q.even_noise});
    std::vector<crossbar::Bank> own = make_banks({.noise = q.noise, .decades = q.decades});
    for (crossbar::Bank& bank : own) {
      set_converters(bank, q.spec);
      bank.code.convert = q.convert;
    }
    const Turns t = take_turns([&] { read(own, block); }, [&] { read(even, block); });
    report(q.name, t.ours / t.theirs,
           milliseconds("with", t.ours) + milliseconds(", without", t.theirs) + fastest(t.least_ours, t.least_theirs));
  }
}
