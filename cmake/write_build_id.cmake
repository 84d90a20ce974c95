# Build step of wordline_build_id: writes OUT, touching it only when version or commit changed.
cmake_minimum_required(VERSION 3.25)

set(id "unknown")
if(EXISTS "${ROOT}/.git")  # else a source package: an outer repository's commit would be a lie
  execute_process(COMMAND git -C "${ROOT}" describe --always --dirty --abbrev=12 --exclude=*
    OUTPUT_VARIABLE output RESULT_VARIABLE failed OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT failed)
    set(id "${output}")
  endif()
endif()

file(CONFIGURE OUTPUT "${OUT}" @ONLY CONTENT [[
// Generated.
#include <string_view>

namespace wordline::core {

std::string_view version() { return "@VERSION@"; }
std::string_view git_id() { return "@id@"; }

}  // namespace wordline::core
]])
