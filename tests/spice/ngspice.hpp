#pragma once

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "tests/catch.hpp"

namespace wordline::test {

/// Everything that ngspice prints as "name = number".
inline std::map<std::string, double> ngspice(const std::string& deck) {
  const auto file =
      std::filesystem::temp_directory_path() / ("wordline_" + std::to_string(std::hash<std::string>{}(deck)));
  std::ofstream(file) << deck;
  FILE* pipe = popen(("ngspice -b " + file.string() + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string printed;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) printed += static_cast<char>(c);
  const int status = pclose(pipe);
  std::filesystem::remove(file);
  INFO(printed);
  REQUIRE(status == 0);
  std::map<std::string, double> out;
  std::istringstream lines(printed);
  for (std::string line; std::getline(lines, line);)
    if (const auto at = line.find(" = "); at != std::string::npos && line.rfind("i(", 0) == 0)
      out[line.substr(0, at)] = std::stod(line.substr(at + 3));
  return out;
}

}  // namespace wordline::test
