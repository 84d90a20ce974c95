#pragma once

/// The one Catch2 header of all tests: Debian 12 has Catch2 v2, Ubuntu 24.04 has v3. Use only what both know:
/// TEST_CASE, TEMPLATE_TEST_CASE, SECTION, GENERATE, REQUIRE..., Approx and the matchers of Catch::Matchers (a text
/// that holds another is ContainsSubstring in both).
#if __has_include(<catch2/catch_all.hpp>)

#include <catch2/catch_approx.hpp>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/catch_tostring.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <catch2/matchers/catch_matchers_all.hpp>

using Catch::Approx;

#else

#include <catch2/catch.hpp>
#include <string>

namespace Catch::Matchers {
inline auto ContainsSubstring(const std::string& text, CaseSensitive::Choice choice = CaseSensitive::Yes) {
  return Contains(text, choice);
}
}  // namespace Catch::Matchers

#endif
