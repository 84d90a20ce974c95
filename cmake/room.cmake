# wordline_room(name LINKS ...): the static library of one room, wordline_<name>, alias wordline::<name>.
#
# Sources are globbed on purpose: a model is one new file in its room, and a build list would be one more place to touch.
# CONFIGURE_DEPENDS makes every build look again.
function(wordline_room name)
  cmake_parse_arguments(PARSE_ARGV 1 room "" "" "LINKS")
  file(GLOB sources CONFIGURE_DEPENDS *.cpp */*.cpp)
  add_library(wordline_${name} STATIC ${sources})
  add_library(wordline::${name} ALIAS wordline_${name})
  target_link_libraries(wordline_${name} PUBLIC wordline_flags ${room_LINKS} PRIVATE wordline_warnings)
endfunction()
