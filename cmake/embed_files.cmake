# Build step of wordline_embed: writes OUT, a C++ file with the text of every file named in LIST.
cmake_minimum_required(VERSION 3.25)

file(STRINGS "${LIST}" files)
list(LENGTH files count)
set(entries "")
foreach(file IN LISTS files)
  get_filename_component(name "${file}" NAME_WLE)
  file(READ "${file}" text)
  if(text STREQUAL "" OR text MATCHES "\\)~~~\"")
    message(FATAL_ERROR "${file}: empty, or holds )~~~\", which ends the literal it is embedded in")
  endif()
  string(APPEND entries "    {\"${name}\", R\"~~~(${text})~~~\"},\n")
endforeach()

# The standard asks compilers for 65536 characters in a literal; GCC and clang take any length, and say so.
file(WRITE "${OUT}" "// Generated from the preset files of ${ROOM}.
#include \"core/embedded.hpp\"

#include <array>
#include <span>

#pragma GCC diagnostic ignored \"-Woverlength-strings\"

namespace wordline::${ROOM}::presets {

std::span<const core::EmbeddedFile> files() {
  static constexpr std::array<core::EmbeddedFile, ${count}> all{{
${entries}  }};
  return all;
}

}  // namespace wordline::${ROOM}::presets
")
