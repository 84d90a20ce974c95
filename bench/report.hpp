#pragma once

#include <cstdio>
#include <string>

/// One line of JSON per figure; bench/judge.py adds the goal of that name.
namespace wordline::bench {

inline void report(const std::string& name, double ratio, const std::string& detail) {
  std::printf("{\"name\": \"%s\", \"ratio\": %.3g, \"detail\": \"%s\"}\n", name.c_str(), ratio, detail.c_str());
  std::fflush(stdout);
}

inline std::string milliseconds(const char* what, double seconds) {
  char text[64];
  std::snprintf(text, sizeof text, "%s %.1f ms", what, seconds * 1e3);
  return text;
}

/// The same ratio of the fastest runs, s.
inline std::string fastest(double above, double below) {
  char text[96];
  std::snprintf(text, sizeof text, ", fastest runs %.1f / %.1f ms = %.3g", above * 1e3, below * 1e3, above / below);
  return text;
}

}  // namespace wordline::bench
