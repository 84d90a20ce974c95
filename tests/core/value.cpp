#include "core/value.hpp"

#include <cmath>
#include <limits>
#include <string>

#include "tests/core/support.hpp"

using namespace wordline;
using core::ErrorKind;
using core::parse_toml;
using core::Value;
using tests::holds;

TEST_CASE("TOML becomes the tree it describes") {
  const Value tree = parse_toml("a = 1\nb = 2.5\nc = true\nd = \"word\"\ne = [1, [2.0]]\n[f.g]\nh = -3\n", "mine.toml");
  CHECK(tree == Value{{"a", 1},
                      {"b", 2.5},
                      {"c", true},
                      {"d", "word"},
                      {"e", Value::array({1, Value::array({2.0})})},
                      {"f", {{"g", {{"h", -3}}}}}});
  CHECK(tree.at("a").is_number_integer());
  CHECK(tree.at("b").is_number_float());
  CHECK(parse_toml("", "empty.toml") == Value::object());
}

TEST_CASE("TOML integers keep all 64 bits") {
  CHECK(parse_toml("a = 9223372036854775807", "t").at("a").get<std::int64_t>() == 9223372036854775807);
  tests::refused(ErrorKind::value, [] { parse_toml("a = 9223372036854775808", "t"); });
}

TEST_CASE("a TOML error names the origin, the line and the reason") {
  const auto error = tests::refused(ErrorKind::value, [] { parse_toml("a = 1\nb = = 2\n", "mine.toml"); });
  CHECK(error.complaint().name == "mine.toml");
  CHECK(holds(error.complaint().value, "line 2, column"));
  CHECK(holds(error.what(), "not valid TOML: "));
  CHECK(error.complaint().rule.size() > std::string("not valid TOML: ").size());
}

TEST_CASE("broken TOML of every kind is an error, never a crash") {
  for (const char* text :
       {"a = 1\na = 2", "[a", "a = \"", "= 1", "a = [1,", "\xff\xfe = 1", "a = 0x", "a.b = 1\na = 2"})
    tests::refused(ErrorKind::value, [&] { parse_toml(text, "t"); });
  const std::string deep = "a = " + std::string(100000, '[');
  tests::refused(ErrorKind::value, [&] { parse_toml(deep, "t"); });
}

TEST_CASE("dates are refused wherever they stand") {
  for (const char* text :
       {"x = 1\na = 1979-05-27", "\na = 07:32:00", "\na = [1979-05-27T07:32:00Z]", "\na = {b = 1979-05-27}"}) {
    const auto error = tests::refused(ErrorKind::value, [&] { parse_toml(text, "mine.toml"); });
    CHECK(error.complaint().name == "mine.toml");
    CHECK(holds(error.complaint().value, "line 2"));
    CHECK(holds(error.what(), "date"));
  }
}

TEST_CASE("values are shown as users write them") {
  CHECK(core::show(nullptr) == "None");
  CHECK(core::show("word") == "word");
  CHECK(core::show(0.1) == "0.1");
  CHECK(core::show(std::nan("")) == "nan");
  CHECK(core::show(7) == "7");
  CHECK(core::show(Value::array({1, "a"})) == "[1,\"a\"]");
  CHECK_NOTHROW(core::show(Value::array({"\xff"})));  // no valid UTF-8
}
