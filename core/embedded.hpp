#pragma once

#include <string_view>

namespace wordline::core {

/// A text file of the source tree that was compiled into the library (presets are data).
struct EmbeddedFile {
  std::string_view name;  ///< file name without folder and ending: "neurram-2022"
  std::string_view text;  ///< the whole file
};

}  // namespace wordline::core
