// Where the numbers of a sample are stored, against loops over its axes.
#include "mapper/unfold.hpp"

#include <limits>
#include <vector>

#include "mapper/inputs.hpp"
#include "tests/catch.hpp"
#include "tests/mapper/cases.hpp"

using namespace wordline;
using namespace wordline::mapper;

namespace {

using Sizes = std::vector<std::int64_t>;

constexpr std::int64_t channels = 2, zero = 3;

// A 1 x 1 x 1 kernel over images of so many axes, padded.
Conv padded(const Sizes& before, const Sizes& after) {
  const Sizes ones(before.size(), 1);
  return {
      .channels = channels, .kernel = ones, .stride = ones, .dilation = ones, .pad_before = before, .pad_after = after};
}

// Whether a point of the padded image is one of the caller's, and which.
bool given_at(const Conv& conv, const Sizes& size, std::int64_t stored, std::int64_t& given) {
  std::int64_t step = 1;
  given = 0;
  for (std::size_t a = size.size(); a-- > 0;) {
    const std::int64_t length = size[a] + conv.pad_before[a] + conv.pad_after[a];
    const std::int64_t at = stored % length - conv.pad_before[a];
    if (at < 0 || at >= size[a]) return false;
    given += at * step;
    step *= size[a];
    stored /= length;
  }
  given += stored * step;  // the channel
  return true;
}

Layer quantised_layer() {
  static const std::vector<float> weights(channels, 1.0F);
  return Layer({.name = "q",
                .index = 0,
                .weights = weights,
                .inputs = channels,
                .outputs = 1,
                .bias = {},
                .codes = InputCodes{.scale = 0.5, .zero = zero, .low = 0, .high = 255},
                .weight_scale = {}},
               test::chip({{"cell", {{"model", "ideal"}}}, {"dac", {{"bits", 8}}}, {"adc", {{"bits", nullptr}}}}));
}

void check_image(const Sizes& size, const Sizes& before, const Sizes& after) {
  const Conv conv = padded(before, after);
  const Unfold unfold = unfold_image(conv, size);
  std::vector<float> x;
  for (const float number : test::whole_numbers(2 * unfold.given, 0, 100, 1)) x.push_back(0.5F * number);
  const Layer layer = quantised_layer();
  const ScaledInputs scaled = scale_inputs(layer.plan(), {x.data(), 2, 0}, unfold, {.threads = 1, .poll = {}});
  REQUIRE(std::ssize(scaled.codes) == 2 * unfold.stored);
  for (std::int64_t i = 0; i < 2 * unfold.stored; ++i) {
    std::int64_t given = 0;
    const bool own = given_at(conv, size, i % unfold.stored, given);
    const float number = own ? 2.0F * x[static_cast<std::size_t>(i / unfold.stored * unfold.given + given)] : 0.0F;
    REQUIRE(scaled.codes[static_cast<std::size_t>(i)] == static_cast<std::int32_t>(number) + zero);
  }
}

}  // namespace

TEST_CASE("numbers of an image are stored in their places, with zero inputs around") {
  check_image({17}, {0}, {0});
  check_image({17}, {2}, {1});
  check_image({300}, {3}, {1});
  check_image({9, 7}, {1, 2}, {0, 1});
  check_image({90, 3}, {0, 1}, {0, 1});
  check_image({300, 1}, {1, 1}, {0, 0});
  check_image({5, 60}, {1, 0}, {1, 0});
  check_image({5, 60}, {1, 0}, {0, 1});
  check_image({5, 60}, {0, 0}, {0, 0});
  check_image({4, 5, 6}, {1, 0, 2}, {0, 1, 2});
  check_image({4, 5, 6}, {1, 1, 0}, {0, 1, 0});
  check_image({4, 20, 20}, {1, 0, 0}, {1, 0, 0});
}

TEST_CASE("samples and windows have indices of 32 bits") {
  const Layer layer = quantised_layer();
  const ProgrammedLayer chip = layer.program({}, {}, {});
  const Unfold unfold = unfold_rows(5, channels);
  const std::vector<float> x(static_cast<std::size_t>(2 * unfold.given), 1.0F);
  const auto run = [&](std::int64_t first, std::int64_t first_window) {
    std::vector<float> out(10);
    Tally tally(layer.plan());
    layer.run(chip, {x.data(), 2, first, first_window}, unfold, false, out, tally, {.threads = 1, .poll = {}});
  };
  constexpr std::int64_t end = std::int64_t{1} << 32, most = std::numeric_limits<std::int64_t>::max();
  const auto names = [](const char* index) { return Catch::Matchers::ContainsSubstring(index); };
  CHECK_NOTHROW(run(end - 2, end - 5));
  CHECK_THROWS_WITH(run(end - 1, 0), names("sample index"));
  CHECK_THROWS_WITH(run(0, end - 4), names("window index"));
  CHECK_THROWS_WITH(run(most, most), names("sample index"));
  CHECK_THROWS_WITH(run(0, most), names("window index"));
}
