# Build step of wordline_embed: writes OUT, a C++ file with the text of every file named in LIST.
cmake_minimum_required(VERSION 3.25)

# Adjacent raw literals of at most 8000 bytes, cut at line ends: compilers limit the length of one literal.
function(append_literals result text)
  set(literals "")
  while(NOT text STREQUAL "")
    string(SUBSTRING "${text}" 0 8000 piece)
    string(FIND "${piece}" "\n" last REVERSE)
    if(last GREATER_EQUAL 0)
      math(EXPR length "${last} + 1")
      string(SUBSTRING "${text}" 0 ${length} piece)
    endif()
    string(LENGTH "${piece}" length)
    string(SUBSTRING "${text}" ${length} -1 text)
    string(APPEND literals "R\"~~~(${piece})~~~\"\n")
  endwhile()
  set(${result} "${literals}" PARENT_SCOPE)
endfunction()

file(STRINGS "${LIST}" files)
list(LENGTH files count)
set(entries "")
foreach(file IN LISTS files)
  get_filename_component(name "${file}" NAME_WLE)
  file(READ "${file}" text)
  if(text STREQUAL "" OR text MATCHES "\\)~~~\"")
    message(FATAL_ERROR "${file}: empty, or holds )~~~\", which ends the literal it is embedded in")
  endif()
  append_literals(literals "${text}")
  string(APPEND entries "    {\"${name}\",\n${literals}},\n")
endforeach()

file(WRITE "${OUT}" "// Generated from the preset files of ${ROOM}.
#include \"core/embedded.hpp\"

#include <array>
#include <span>

namespace wordline::${ROOM}::presets {

std::span<const core::EmbeddedFile> files() {
  static constexpr std::array<core::EmbeddedFile, ${count}> all{{
${entries}  }};
  return all;
}

}  // namespace wordline::${ROOM}::presets
")
