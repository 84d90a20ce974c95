#include "core/error.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace wordline::core {
namespace {

std::string given(const Complaint& c) {
  if (c.name.empty() && c.value.empty()) return "";
  std::string text = c.name.empty() ? "got " + c.value : c.name;
  if (!c.name.empty() && !c.value.empty()) text += " = " + c.value;
  if (!c.value.empty() && !c.unit.empty()) text += " " + c.unit;
  return text;
}

std::string sentence(const Complaint& c) {
  std::string text = given(c);
  text += text.empty() ? c.rule : ": " + c.rule;
  if (!c.allowed.empty()) text += "; allowed: " + c.allowed;
  if (!c.remedy.empty()) text += "; " + c.remedy;
  return text;
}

}  // namespace

Error::Error(ErrorKind kind, Complaint complaint)
    : std::runtime_error(sentence(complaint)), kind_(kind), complaint_(std::move(complaint)) {}

void require(bool holds, ErrorKind kind, const Complaint& complaint) {
  if (!holds) throw Error(kind, complaint);
}

std::string number(double value) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

}  // namespace wordline::core
