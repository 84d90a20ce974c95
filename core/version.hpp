#pragma once

#include <string_view>

namespace wordline::core {

/// The version of this library: "0.1.0", as in pyproject.toml.
std::string_view version();

/// The commit the library was built from, with "-dirty" for a changed tree; "unknown" outside a repository.
std::string_view git_id();

}  // namespace wordline::core
