#include "core/error.hpp"

#include <limits>
#include <string>

#include "core/version.hpp"
#include "tests/core/support.hpp"

using namespace wordline;

TEST_CASE("an error's message holds rule, name, value, unit, allowed range and remedy") {
  const core::Complaint complaint{.rule = "an ADC has at least one bit",
                                  .name = "adc.bits",
                                  .value = "0",
                                  .unit = "bit",
                                  .allowed = "[1, 16]",
                                  .remedy = "use None for an ideal converter"};
  const core::Error error(core::ErrorKind::value, complaint);
  CHECK(std::string(error.what()) ==
        "adc.bits = 0 bit: an ADC has at least one bit; allowed: [1, 16]; use None for an ideal converter");
  CHECK(error.complaint().remedy == complaint.remedy);
  CHECK(error.complaint().unit == "bit");
}

TEST_CASE("parts of an error that do not exist leave no trace in its message") {
  const auto message = [](const core::Complaint& c) { return std::string(core::Error(core::ErrorKind::io, c).what()); };
  CHECK(message({.rule = "broken", .name = "", .value = "", .unit = "", .allowed = "", .remedy = ""}) == "broken");
  CHECK(message({.rule = "broken", .name = "a.h5", .value = "", .unit = "S", .allowed = "", .remedy = ""}) ==
        "a.h5: broken");
  CHECK(message({.rule = "broken", .name = "", .value = "3", .unit = "S", .allowed = "", .remedy = ""}) ==
        "got 3 S: broken");
}

TEST_CASE("require throws only when the rule is broken") {
  const core::Complaint c{.rule = "rule", .name = "", .value = "", .unit = "", .allowed = "", .remedy = ""};
  CHECK_NOTHROW(core::require(true, core::ErrorKind::index, c));
  tests::refused(core::ErrorKind::index, [&] { core::require(false, core::ErrorKind::index, c); });
}

TEST_CASE("numbers in messages are the shortest text that reads back") {
  CHECK(core::number(0.1) == "0.1");
  CHECK(core::number(3.0) == "3");
  CHECK(core::number(4e-05) == "4e-05");
  for (const double x : {1.0 / 3.0, 6.02214076e23, std::numeric_limits<double>::min()})
    CHECK(std::stod("0" + core::number(x)) == x);
}

TEST_CASE("the library knows its version and commit") {
  CHECK_FALSE(core::version().empty());
  CHECK_FALSE(core::git_id().empty());
}
